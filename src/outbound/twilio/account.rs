//! What `tidings doctor` asks about the account.

use super::{Twilio, TwilioError, read, told_at};
use jiff::Timestamp;
use serde::Deserialize;

/// An account, as far as `doctor` asks.
#[derive(Debug, Deserialize)]
pub struct Account {
    /// What its owner calls it.
    pub friendly_name: String,
    /// `active`, `suspended` or `closed`.
    pub status: String,
    /// How far Twilio's clock is ahead of `now` at the answer; in seconds.
    #[serde(skip)]
    pub clock_ahead_seconds: Option<i64>,
}

/// A number of the account, as far as `doctor` asks.
#[derive(Clone, Debug, Deserialize)]
pub struct IncomingNumber {
    /// In E.164 form.
    pub phone_number: String,
    /// Where its texts are sent.
    #[serde(default)]
    pub sms_url: String,
    /// How: `POST` or `GET`.
    #[serde(default)]
    pub sms_method: String,
}

#[derive(Deserialize)]
struct Numbers {
    incoming_phone_numbers: Vec<IncomingNumber>,
}

impl Twilio {
    /// The account itself; asked at `now`.
    ///
    /// # Errors
    /// Wrong credentials, or no answer.
    pub async fn account(&self, now: Timestamp) -> Result<Account, TwilioError> {
        let url = format!("{}/2010-04-01/Accounts/{}.json", self.base, self.account);
        let response = self.get(&url).await?;
        let twilio_now = told_at(&response);
        let mut account: Account = read(response).await?;
        account.clock_ahead_seconds = twilio_now.map(|twilio_now| twilio_now.duration_since(now).as_secs());
        Ok(account)
    }

    /// The account's number `phone`, if it has it.
    ///
    /// # Errors
    /// Wrong credentials, or no answer.
    pub async fn incoming_number(&self, phone: &str) -> Result<Option<IncomingNumber>, TwilioError> {
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("PhoneNumber", phone).finish();
        let url = format!("{}?{query}", self.url("IncomingPhoneNumbers.json"));
        let numbers: Numbers = read(self.get(&url).await?).await?;
        Ok(numbers.incoming_phone_numbers.into_iter().find(|number| number.phone_number == phone))
    }
}
