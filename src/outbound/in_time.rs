//! A call that is not made when it has become too late for it.

use crate::clock::Stopwatch;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// What comes of `call`, or nothing once `since` shows more than `limit`: it is not touched any more then.
///
/// A process may stand still at any await, for hours (a suspended machine, `SIGSTOP`). A timer alone is not
/// enough then, for the call may be asked to go on first; so the time is read before each of its steps. What it has
/// handed to the connection's own task a moment before may still leave.
pub(super) async fn in_time<T>(
    since: &Stopwatch,
    limit: Duration,
    call: impl Future<Output = T>,
) -> Option<T> {
    let mut call = pin!(call);
    poll_fn(|context| {
        if since.elapsed() > limit {
            return Poll::Ready(None);
        }
        call.as_mut().poll(context).map(Some)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use futures_util::FutureExt as _;
    use jiff::{SignedDuration, Timestamp};
    use tokio::sync::oneshot;

    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn a_call_that_stood_still_takes_no_further_step() {
        let clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
        let since = clock.stopwatch();
        let (connected, connection) = oneshot::channel();
        let mut written = false;
        let mut call = Box::pin(in_time(&since, LIMIT, async {
            connection.await.unwrap();
            written = true;
        }));
        assert_eq!(call.as_mut().now_or_never(), None, "it waits for a connection");
        assert!(clock.advance(SignedDuration::from_hours(5)));
        connected.send(()).unwrap();
        assert_eq!(call.as_mut().now_or_never(), Some(None));
        drop(call);
        assert!(!written);
    }

    #[test]
    fn a_call_may_take_its_time() {
        let clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
        let since = clock.stopwatch();
        let (answer, answered) = oneshot::channel();
        let mut call = Box::pin(in_time(&since, LIMIT, answered));
        assert_eq!(call.as_mut().now_or_never(), None);
        assert!(clock.advance(SignedDuration::from_secs(20)));
        answer.send("SM1").unwrap();
        assert_eq!(call.as_mut().now_or_never(), Some(Some(Ok("SM1"))));
    }

    #[test]
    fn a_call_that_is_too_late_is_not_begun() {
        let clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
        let since = clock.stopwatch();
        assert!(clock.advance(SignedDuration::from_secs(21)));
        let call = in_time(&since, LIMIT, async { panic!("it was begun") });
        assert_eq!(call.now_or_never(), Some(None::<()>));
    }
}
