//! Calls: the webhook that Twilio asks what to do.

mod support;

const VOICE: &str = "/webhooks/twilio/voice";

fn call(from: &str, to: &str) -> Vec<(String, String)> {
    [
        ("CallSid", "CA1234567890abcdef1234567890abcdef"),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("From", from),
        ("To", to),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
        ("ApiVersion", "2010-04-01"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

#[tokio::test]
async fn a_browser_reaches_a_phone_under_our_number_and_a_phone_reaches_the_desk() {
    let more = [("TIDINGS_VOICE_DESTINATION", "client:desk")];
    let server = support::serve(support::sqlite(), &more).await;
    for (from, to, part) in [
        ("client:asha", "+14155238886", "callerId=\"+15005550006\"><Number>+14155238886</Number>"),
        ("client:asha", "client:bina", "<Client><Identity>bina</Identity></Client>"),
        ("client:asha", "+9779807969278", "<Say>"),
        ("client:asha", "+19005551234", "<Say>"),
        ("client:asha", "\"><Dial>+1900", "<Say>"),
        ("+14155238886", "+15005550006", "<Client><Identity>desk</Identity></Client>"),
    ] {
        let answer = server.post_signed(server.token, VOICE, &call(from, to)).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"text/xml; charset=utf-8".parse().unwrap())
        );
        let document = answer.text().await.unwrap();
        assert!(document.contains(part), "{from} to {to}: {document}");
    }
    let forged = server.post_signed("wrong", VOICE, &call("client:asha", "client:bina")).await;
    assert_eq!(forged.status(), 403);
    let broken = server.post_signed(server.token, VOICE, &call("client:asha", "client:bina")[..3]).await;
    assert_eq!(broken.status(), 400);
    server.app.stop().await;
}
