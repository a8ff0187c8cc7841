//! `/tips/subscriptions/summary`: how many people get tips.

use super::Api;
use super::auth::{Allowed, TipsRead};
use super::kept::{self, Kept, Question};
use super::moment::{Time, time};
use crate::problem::Problem;
use crate::store::SubscriptionCounts;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// All subscriptions, counted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TipSummary")]
pub(super) struct Summary {
    as_of: Time,
    /// People who get tips.
    subscribed: i64,
    /// People who no longer do.
    unsubscribed: i64,
    /// Tips that were left out.
    skipped: i64,
    /// When the next one leaves.
    next_tip_at: Option<Time>,
    /// Tips in use.
    tips_in_use: i64,
}

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Subscriptions;

impl Question for Subscriptions {
    type Answer = SubscriptionCounts;

    fn kept(api: &Api) -> &Kept<Self> {
        &api.counts.subscriptions
    }

    async fn count(&self, api: &Api, _: Timestamp) -> sqlx::Result<SubscriptionCounts> {
        api.inbox.store.count_subscriptions().await
    }

    fn rows(answer: &SubscriptionCounts) -> i64 {
        answer.tips_on + answer.tips_off
    }
}

/// `GET /tips/subscriptions/summary`.
pub(super) async fn summary(
    _: Allowed<TipsRead>,
    State(api): State<Arc<Api>>,
) -> Result<Json<Summary>, Problem> {
    let counted = kept::ask(&api, Subscriptions).await?;
    Ok(Json(Summary {
        as_of: counted.as_of.into(),
        subscribed: counted.answer.tips_on,
        unsubscribed: counted.answer.tips_off,
        skipped: counted.answer.skipped,
        next_tip_at: counted.answer.next_tip_at.and_then(time),
        tips_in_use: api.inbox.store.count_tips().await?,
    }))
}
