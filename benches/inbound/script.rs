//! What people text and what they should hear, as the signed webhooks Twilio would send.

use std::borrow::Cow;
use tidings::signature::sign;

pub(crate) const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const ACCOUNT_SID: &str = "AC0123456789abcdef0123456789abcdef";
pub(crate) const OUR_NUMBER: &str = "+15005550006";
/// What Twilio calls and signs; the connection itself is plain loopback.
pub(crate) const PUBLIC_URL: &str = "https://sms.example.org";
pub(crate) const WEBHOOK: &str = "/webhooks/twilio/sms";

/// A text, and words that its answer must hold.
pub(crate) type Line = (&'static str, &'static str);

/// The way in; the right code is read from the answer to the name.
pub(crate) const WAY_IN: [Line; 5] = [
    ("REGISTER", "What is your name?"),
    ("Asha Rai", "Never share it with anyone"),
    ("00 00 00", "more t"),
    ("status", "we are waiting for the 6-digit code"),
    (CODE, "You are registered."),
];
/// Stands for the code that was sent.
pub(crate) const CODE: &str = "";
/// A member's texts, over and over.
pub(crate) const EVERY_DAY: [Line; 4] = [
    ("STATUS", "you are registered as Asha"),
    ("Thanks, see you on Tuesday at the lake!", "we didn't understand that"),
    ("name Asha Rai", "we will call you Asha Rai"),
    ("register", "You are already registered"),
];

/// Where the answer to the name has the code.
pub(crate) const CODE_SENT: usize = 1;

/// What somebody texts after `turns` texts.
pub(crate) fn line(turns: usize) -> Line {
    WAY_IN.get(turns).copied().unwrap_or_else(|| EVERY_DAY[(turns - WAY_IN.len()) % EVERY_DAY.len()])
}

/// The number of a conversation: neighbours in the list are far apart in an index of numbers. None begins with +1 9: at
/// +1 900 calls cost their caller, and nobody can sign up.
pub(crate) fn number(conversation: usize) -> String {
    format!("+1{}", 2_000_000_000 + (conversation as u64 * 5_700_000_007) % 6_999_999_989)
}

/// The fields of Twilio's webhook for a text, as its documentation lists them.
fn fields<'a>(from: &'a str, body: &'a str, sid: &'a str) -> [(&'static str, Cow<'a, str>); 19] {
    [
        ("ToCountry", "US".into()),
        ("ToState", "CA".into()),
        ("SmsMessageSid", sid.into()),
        ("NumMedia", "0".into()),
        ("ToCity", "SAN FRANCISCO".into()),
        ("FromZip", "94107".into()),
        ("SmsSid", sid.into()),
        ("FromState", "CA".into()),
        ("SmsStatus", "received".into()),
        ("FromCity", "SAN FRANCISCO".into()),
        ("Body", body.into()),
        ("FromCountry", "US".into()),
        ("To", OUR_NUMBER.into()),
        ("ToZip", "94103".into()),
        ("NumSegments", "1".into()),
        ("MessageSid", sid.into()),
        ("AccountSid", ACCOUNT_SID.into()),
        ("From", from.into()),
        ("ApiVersion", "2010-04-01".into()),
    ]
}

/// Signs a text as Twilio does.
pub(crate) fn signature(from: &str, body: &str, sid: &str) -> String {
    sign(AUTH_TOKEN, &format!("{PUBLIC_URL}{WEBHOOK}"), &fields(from, body, sid))
}

/// Writes the request into `request`, ready to be sent.
pub(crate) fn write_request(
    request: &mut Vec<u8>,
    form: &mut String,
    from: &str,
    body: &str,
    sid: &str,
    signature: &str,
) {
    form.clear();
    for (name, value) in fields(from, body, sid) {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        form.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    request.clear();
    request.extend_from_slice(
        format!(
            "POST {WEBHOOK} HTTP/1.1\r\nhost: sms.example.org\r\nuser-agent: TwilioProxy/1.1\r\naccept: */*\r\n\
             content-type: application/x-www-form-urlencoded; charset=UTF-8\r\nx-twilio-signature: {signature}\r\n\
             i-twilio-idempotency-token: {}\r\ncontent-length: {}\r\n\r\n",
            &sid[2..],
            form.len()
        )
        .as_bytes(),
    );
    request.extend_from_slice(form.as_bytes());
}
