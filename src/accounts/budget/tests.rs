use super::*;
use proptest::prelude::*;

/// The table as the database keeps it.
#[derive(Default)]
struct Table(Vec<SpentRow>);

impl Table {
    /// Counts a request at `now`; takes it back if it was too much.
    fn ask(&mut self, limit: &Limit, now: i64) -> Standing {
        let before = self.0.clone();
        let Spend { key, since, count } = limit.spend(now);
        match self.0.iter_mut().find(|row| row.key == key && row.since == since) {
            Some(row) => row.count += count,
            None => self.0.push(SpentRow { key, since, count }),
        }
        let standing = limit.judge(&self.0, now);
        if standing.exceeded {
            self.0 = before;
        }
        standing
    }
}

proptest! {
    #[test]
    fn no_span_whatever_holds_more_than_the_limit(
        gaps in prop::collection::vec(0_i64..20_000, 1..120),
        most in 0_i64..8,
        seconds in prop::sample::select(vec![1_i64, 30, 600]),
    ) {
        let limit = Limit::new("x", "x", most, seconds);
        let (mut table, mut now, mut granted) = (Table::default(), 1_800_000_000_123, Vec::new());
        for gap in gaps {
            now += gap;
            if !table.ask(&limit, now).exceeded {
                granted.push(now);
            }
            let inside = granted.iter().filter(|at| **at > now - seconds * 1000).count();
            prop_assert!(i64::try_from(inside).unwrap() <= most);
        }
    }

    #[test]
    fn whoever_waits_as_long_as_told_is_let_through(
        gaps in prop::collection::vec(0_i64..5_000, 1..60),
        most in 1_i64..8,
        seconds in prop::sample::select(vec![30_i64, 600, 3600]),
    ) {
        let limit = Limit::new("x", "x", most, seconds);
        let (mut table, mut now) = (Table::default(), 1_800_000_000_123);
        for gap in gaps {
            now += gap;
            let standing = table.ask(&limit, now);
            prop_assert!(standing.reset >= 1 && standing.reset <= seconds + seconds / 10 + 1);
            if standing.exceeded {
                let later = table.ask(&limit, now + standing.reset * 1000);
                prop_assert!(!later.exceeded, "{:?}", standing);
                now += standing.reset * 1000;
            }
        }
    }
}

#[test]
fn keys_of_one_request_differ_and_hide_the_number() {
    let phone = Phone::from_e164("+14155550123").unwrap();
    let send = CodeSend { phone, account_id: 7, client: Some("c"), segments: 2, country_cap: 9, dollars: 50 };
    let limits = code_limits(&send, |_| "hidden".to_owned());
    let keys: std::collections::HashSet<_> = limits.iter().map(|limit| limit.key.clone()).collect();
    assert_eq!(keys.len(), limits.len());
    assert!(keys.iter().all(|key| !key.contains("4155550123")));
    let money = limits.iter().find(|limit| limit.key.contains("spend")).unwrap();
    assert_eq!((money.cost, money.most), (24_000, 50_000_000));
}
