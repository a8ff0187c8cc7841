//! The day's budget: counted for a whole slice at once, in the transaction that claims it, so that all
//! nodes share it. It stands in the table that limits the codes of accounts, too.

use super::clearance::{Standing, cost};
use crate::gate::{Budget, Spending};
use crate::store::{OutgoingRow, Spend, SpentRow, Tx};
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

/// Gives back what messages took that were claimed then, and that go back to their queue without a call:
/// their next claim counts them.
pub(super) async fn give_back<'a>(
    tx: &mut Tx,
    claims: impl Iterator<Item = (&'a OutgoingRow, Timestamp)>,
    budget: &Budget,
) -> sqlx::Result<()> {
    if budget.is_unlimited() {
        return Ok(());
    }
    let mut days: BTreeMap<Timestamp, Spending> = BTreeMap::new();
    for (row, claimed_at) in claims {
        let spent = days.entry(budget.day(claimed_at).0).or_default();
        *spent = spent.and(cost(row));
    }
    for (began, spent) in days.into_iter().filter(|(_, spent)| *spent != Spending::default()) {
        count(tx, Spending::default().without(spent), began).await?;
    }
    Ok(())
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
