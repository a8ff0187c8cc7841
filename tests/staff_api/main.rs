//! What staff do over the API: tokens, consent, erasure, opt-outs, answers, and calls, on both engines.

#[path = "../harness/mod.rs"]
mod harness;

mod answers;
mod calls;
mod consent;
mod makers;
mod opt_outs;
mod tokens;

use harness::Stage;
use harness::callers::Caller;

/// A program with a token of its own.
async fn program<'a>(stage: &'a Stage, id: i64, scopes: &str) -> Caller<'a> {
    let token = tidings::api::new_token().unwrap();
    let hash = tidings::api::hash_token(&token);
    stage.app.store.add_token(id, &format!("program {id}"), &hash, scopes, 0).await.unwrap();
    Caller { stage, token }
}
