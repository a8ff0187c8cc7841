//! The ceiling: the same webhooks, batches and conversation, with nothing written down.

use crate::fill::member;
use crate::script::number;
use std::collections::HashMap;
use std::sync::Mutex;
use tidings::batch::Apply;
use tidings::clock::Clock;
use tidings::conversation::{Handed, InboundText};
use tidings::dialog::{CodeKey, Event, Ground, Heard, Nonce, Person, Reply, step};
use tidings::ids::Ids;
use tidings::texts::{Program, Texts, reveal};

/// Conversations in memory.
pub(crate) struct Memory {
    people: Mutex<HashMap<String, Person>>,
    clock: Clock,
    ids: Ids,
    texts: Texts,
    key: CodeKey,
}

impl Memory {
    pub(crate) fn new(clock: Clock, conversations: usize) -> Self {
        let texts = Texts::load(&Program::sample()).expect("the templates are tested");
        let people = (0..conversations).map(|person| (number(person), member())).collect();
        Self { people: Mutex::new(people), clock, ids: Ids::new(1), texts, key: CodeKey::new(b"bench") }
    }
}

impl Apply for Memory {
    type Job = InboundText;
    type Answer = Option<Handed>;
    type Ahead = ();
    type Ready = ();

    async fn carry_out(
        &self,
        texts: &[InboundText],
        _ready: Option<()>,
    ) -> sqlx::Result<Vec<Option<Handed>>> {
        let now = self.clock.now();
        let mut people = self.people.lock().expect("nothing panics while it holds the lock");
        let answer = |text: &InboundText| {
            let address = text.from.to_string();
            let mut nonce = Nonce([0; 16]);
            getrandom::fill(&mut nonce.0).map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
            let heard = Heard { body: &text.body, opt_out_type: text.opt_out_type };
            let ground = Ground {
                now,
                nonce,
                key: &self.key,
                subject: &address,
                numbers_offered: false,
                twilio_answers: true,
                locale: "en",
                bookings: &[],
            };
            let person = people.entry(address.clone()).or_default();
            let turn = step(person, &Event::Heard(heard), &ground);
            // So fast that everybody would look like a machine that talks in a loop.
            *person = Person { pace: Person::default().pace, ..turn.person };
            let Some(reply) = turn.reply else { return Ok(None) };
            let mut body =
                self.texts.render(&reply, "en").map_err(|error| sqlx::Error::Encode(error.into()))?;
            if let Reply::Code { nonce } = reply {
                body = reveal(&body, &self.key.code(&address, nonce));
            }
            Ok(Some(Handed { message_id: self.ids.next(now), attempt: 1, body }))
        };
        texts.iter().map(answer).collect()
    }
}
