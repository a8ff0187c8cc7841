//! A person with a browser: `/demo` and `/api/docs` in a real Chromium, with JavaScript and without.

#[path = "../support/demo.rs"]
mod demo;
mod person;

use demo::start;
use person::{Person, Scripts};

#[tokio::test]
async fn a_person_registers_by_typing_and_may_stop_and_resume() {
    let demo = start().await;
    let person = Person::open(&demo.url, Scripts::On).await;
    person.sees("#empty", "Nothing here yet").await;
    person.sees("#live", "Live").await;

    person.types("REGISTER").await;
    person.sees(".bubble.tidings", "What is your name?").await;
    person.sees(".steps .now", "Naming").await;
    person.types("Asha Rai").await;
    let code = person.reads_the_code().await;
    person.sees(".steps .now", "Verifying").await;
    person.types(&code).await;
    person.sees(".bubble.tidings", "Welcome to Lakeside Clinic, Asha Rai!").await;
    person.sees(".steps .now", "Member").await;
    person.sees("#name", "Asha Rai").await;
    // Reports arrive without anybody asking.
    person.sees(".bubble:last-child .status.delivered", "delivered").await;

    person.types("STOP").await;
    person.sees(".bubble.carrier", "unsubscribed").await;
    person.sees("#consent", "Withdrawn").await;
    let before = person.counts(".bubble:not(.person)").await;
    person.types("It is raining.").await;
    person.sees(".bubble.person:last-child .tag", "understood: other").await;
    assert_eq!(person.counts(".bubble:not(.person)").await, before, "nothing answers after STOP");

    person.types("START").await;
    person.sees("#consent", "Given").await;
    person.types("STATUS").await;
    person.sees(".bubble.tidings", "you are registered as Asha Rai").await;
    person.leaves().await;
    demo.app.stop().await;
}

#[tokio::test]
async fn quick_replies_the_clock_and_faults_answer_to_a_click() {
    let demo = start().await;
    let person = Person::open(&demo.url, Scripts::On).await;
    person.clicks("#chip-1").await;
    person.sees(".bubble.tidings", "What is your name?").await;
    person.types("Asha Rai").await;
    person.sees(".chip.code", "Use the code").await;
    person.clicks(".chip.code").await;
    person.sees(".bubble.tidings", "Welcome").await;

    person.sees("#clock .time", "7:00 AM").await;
    person.clicks("#clock-60").await;
    person.sees("#clock .time", "8:0").await;

    person.clicks("#faults summary").await;
    person.clicks("#fault-handset_off").await;
    person.sees("#faults .count", "1 on").await;
    person.types("STATUS").await;
    person.sees(".bubble.lost .status", "not delivered").await;
    person.leaves().await;
    demo.app.stop().await;
}

#[tokio::test]
async fn what_another_program_texts_appears_by_itself() {
    let demo = start().await;
    let person = Person::open(&demo.url, Scripts::On).await;
    person.sees("#live", "Live").await;
    let carrier = demo.app.carrier.as_ref().unwrap();
    carrier.text("+14155550123", tidings::app::DEMO_NUMBER, "<b>REGISTER</b>").await.unwrap();
    person.sees(".bubble.person .text", "<b>REGISTER</b>").await;
    person.leaves().await;
    demo.app.stop().await;
}

#[tokio::test]
async fn a_lost_server_is_named_and_the_text_is_kept() {
    let demo = start().await;
    let person = Person::open(&demo.url, Scripts::On).await;
    person.sees("#live", "Live").await;
    demo.app.stop().await;
    person.sees("#live", "Reconnecting").await;
    person.types("REGISTER").await;
    person.sees("#problem", "can’t be reached").await;
    assert_eq!(person.typed().await, "REGISTER");
    person.leaves().await;
}

#[tokio::test]
async fn the_conversation_needs_no_javascript() {
    let demo = start().await;
    let person = Person::open(&demo.url, Scripts::Off).await;
    person.types("REGISTER").await;
    person.sees(".bubble.tidings", "What is your name?").await;
    person.types("Asha Rai").await;
    demo.app.carrier.as_ref().unwrap().idle().await;
    person.clicks(".live a").await;
    let code = person.reads_the_code().await;
    person.types(&code).await;
    person.sees(".bubble.tidings", "Welcome to Lakeside Clinic, Asha Rai!").await;
    person.types("STOP").await;
    person.sees("#consent", "Withdrawn").await;
    person.clicks("#chip-1").await;
    person.sees("#consent", "Given").await;
    person.types("").await;
    person.sees("#problem", "type a text first").await;
    person.leaves().await;
    demo.app.stop().await;
}

#[tokio::test]
async fn a_link_to_an_operation_opens_it_without_javascript() {
    let demo = start().await;
    let person = Person::open(&demo.url, Scripts::Off).await;
    person.goes_to(&format!("{}/api/docs#post_auth_login", demo.url)).await;
    person.sees("details.operation[open] .inside", "new_password").await;
    assert_eq!(person.counts("details.operation[open]").await, 1);
    person.leaves().await;
    demo.app.stop().await;
}
