//! The day's budget: counted for a whole slice at once, in the transaction that claims it, so that all
//! nodes share it. It stands in the table that limits the codes of accounts, too.

use super::claim::LEASE;
use super::clearance::{Standing, cost};
use super::settle::timestamp;
use crate::gate::{Budget, Spending};
use crate::store::{OutgoingRow, Since, Spend, SpentRow, Store, Tx};
use jiff::Timestamp;
use std::collections::BTreeMap;

const MESSAGES: &str = "promotion:messages";
const MONEY: &str = "promotion:spend";

/// Of messages that may leave, notes for each that the budget has no room for when it has again.
pub(super) async fn reserve(
    tx: &mut Tx,
    cleared: &mut [(OutgoingRow, Standing)],
    budget: &Budget,
    now: Timestamp,
) -> sqlx::Result<()> {
    let costs: Vec<Spending> =
        if budget.is_unlimited() { Vec::new() } else { cleared.iter().map(|(row, _)| cost(row)).collect() };
    let wanted = costs.iter().copied().fold(Spending::default(), Spending::and);
    if wanted == Spending::default() {
        return Ok(());
    }
    let (began, ends) = budget.day(now);
    let total = count(tx, wanted, began).await?;
    let admitted = budget.admit(total.without(wanted), &costs);
    let mut refused = Spending::default();
    for (((_, standing), cost), admitted) in cleared.iter_mut().zip(&costs).zip(admitted) {
        if !admitted {
            standing.budget_until = Some(ends);
            refused = refused.and(*cost);
        }
    }
    if refused == Spending::default() {
        return Ok(());
    }
    if refused != wanted {
        tracing::warn!("the day's budget is spent; what promotes waits until tomorrow");
    }
    count(tx, Spending::default().without(refused), began).await.map(drop)
}

/// What a message took of the budget of the day that began then.
#[derive(Clone, Copy, Debug)]
pub struct Refund {
    began: Timestamp,
    spent: Spending,
}

/// What a claimed message has to give back if it returns to its queue without a call: its next claim counts it.
pub(super) fn refund(row: &OutgoingRow, budget: &Budget) -> Option<Refund> {
    let spent = cost(row);
    // The day is that of the claim.
    let claimed_at = timestamp(row.due_at.unwrap_or(row.created_at)) - LEASE;
    (!budget.is_unlimited() && spent != Spending::default())
        .then(|| Refund { began: budget.day(claimed_at).0, spent })
}

/// Gives back what messages took, in the transaction in which they go back: whoever is killed in between has
/// done neither.
pub(super) async fn give_back(tx: &mut Tx, refunds: impl Iterator<Item = Refund>) -> sqlx::Result<()> {
    let mut days: BTreeMap<Timestamp, Spending> = BTreeMap::new();
    for Refund { began, spent } in refunds {
        let day = days.entry(began).or_default();
        *day = day.and(spent);
    }
    for (began, spent) in days {
        count(tx, Spending::default().without(spent), began).await?;
    }
    Ok(())
}

/// What was spent by the days that began then or later.
pub(super) async fn spent(store: &Store, began: Timestamp) -> sqlx::Result<BTreeMap<Timestamp, Spending>> {
    let since = |key: &str| Since { key: key.to_owned(), after: began.as_millisecond() - 1 };
    let mut days: BTreeMap<Timestamp, Spending> = BTreeMap::new();
    for row in store.spent(&[since(MESSAGES), since(MONEY)]).await? {
        let day = days.entry(timestamp(row.since)).or_default();
        let counted = if row.key == MESSAGES { &mut day.messages } else { &mut day.micro_dollars };
        *counted += row.count;
    }
    Ok(days)
}

/// Adds to what was spent on the day that began then; returns the sum.
async fn count(tx: &mut Tx, spending: Spending, began: Timestamp) -> sqlx::Result<Spending> {
    let spend = |key: &str, count| Spend { key: key.to_owned(), since: began.as_millisecond(), count };
    let spends = [spend(MESSAGES, spending.messages), spend(MONEY, spending.micro_dollars)];
    let rows = tx.count_spending(&spends).await?;
    let of = |key: &str| {
        let row = rows.iter().find(|row: &&SpentRow| row.key == key);
        row.map_or(0, |row| row.count)
    };
    Ok(Spending { messages: of(MESSAGES), micro_dollars: of(MONEY) })
}
