//! Serving connections with deadlines, because plain `axum::serve` has none: a half-sent request
//! would stay open for ever and hold up a graceful stop.

mod lingering;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use lingering::Lingering;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// How long a client may take to send its request head.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request may take from its head to its answer.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// An address that can't be listened on. Its text says why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{address} can't be listened on: {}", advice(error))]
pub struct BindError {
    address: SocketAddr,
    error: io::Error,
}

fn advice(error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there (`ss -ltnp` shows which): end it, or choose another with --listen"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address: choose one of its own, such as 127.0.0.1, with --listen"
        }
        io::ErrorKind::PermissionDenied => "choose a port from 1024 on with --listen",
        _ => return error.to_string(),
    };
    format!("{error}; {advice}")
}

/// Listens on `address`; returns where, too, for a port that the system chooses.
///
/// # Errors
/// It can't be listened on.
pub async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|error| BindError { address, error })
}

/// The address of the peer that opened the connection, as a request extension.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Serves `router` on `listener` until `stop` is cancelled, then lets open requests finish for at
/// most `grace` before the remaining connections are dropped.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, grace: Duration) {
    let graceful = GracefulShutdown::new();
    let cut = CancellationToken::new();
    let _cut_when_done = cut.clone().drop_guard();
    let mut make = router.into_make_service();
    loop {
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    // Out of file descriptors, or a client that left: neither ends the server.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let Ok(service) = make.call(()).await;
        serve_connection(stream, peer, service, &graceful, cut.clone());
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections were still open at the deadline and are dropped");
    }
}

fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    graceful: &GracefulShutdown,
    cut: CancellationToken,
) {
    // Small answers should leave at once; failing to say so only costs latency.
    let _ = stream.set_nodelay(true);
    let service = tower::ServiceBuilder::new()
        .map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request
        })
        .service(router);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(Lingering::new(stream)), TowerToHyperService::new(service));
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            ended = watched => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            },
            () = cut.cancelled() => {}
        }
    });
}
