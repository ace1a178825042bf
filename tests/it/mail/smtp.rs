//! Conversations with a mail server: what each of its moods means for a mail.

use super::message::to_noor;
use crate::harness::smtp::{Answer, Script, SmtpServer, Stage};
use std::time::{Duration, Instant};
use vestibule_core::mail::{MailMessage, Mailer, Smtp, SmtpLimits};
use vestibule_domain::SendOutcome;

/// Short enough to wait for, long enough for a busy machine.
const LIMITS: SmtpLimits = SmtpLimits {
    connect: Duration::from_millis(1500),
    command: Duration::from_millis(1500),
    total: Duration::from_secs(4),
};

pub fn mailer(url: &str) -> Mailer {
    Mailer::Smtp(Smtp::new(url).unwrap().with_limits(LIMITS))
}

pub async fn send(server: &SmtpServer) -> SendOutcome {
    mailer(&server.url()).send(&to_noor()).await
}

fn sent(response: &str) -> SendOutcome {
    SendOutcome::Sent { response: response.to_owned() }
}

fn deferred(response: &str) -> SendOutcome {
    SendOutcome::Deferred { response: response.to_owned(), our_fault: false }
}

pub fn our_fault(response: String) -> SendOutcome {
    SendOutcome::Deferred { response, our_fault: true }
}

fn failed(response: &str) -> SendOutcome {
    SendOutcome::Failed { response: response.to_owned() }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written_and_the_servers_words_come_back() {
    for script in [Script::in_clear(), Script::starttls(), Script::wrapped()] {
        let server = SmtpServer::start(script.sign_in("vestibule", "p-s")).await;
        assert_eq!(send(&server).await, sent("250 2.0.0 Ok: queued as 1"));
        let [mail] = <[_; 1]>::try_from(server.received()).unwrap();
        assert_eq!((mail.from.as_str(), mail.to), ("vestibule@localhost", vec!["noor@elsayed.example".to_owned()]));
        let raw = String::from_utf8(to_noor().raw().unwrap()).unwrap();
        assert!(raw.contains("\r\n.\r\n") && raw.contains("\r\n..twice\r\n"), "lines with dots are in it");
        assert_eq!(mail.data.trim_end(), raw.trim_end());
    }
}

#[tokio::test]
async fn what_is_said_of_us_for_good_is_our_fault() {
    for (stage, words) in [
        (Stage::Greeting, "554 5.7.1 Your address is on a list"),
        (Stage::Ehlo, "550 5.7.1 Bad name"),
        (Stage::Mail, "553 5.1.8 Sender refused"),
    ] {
        let server = SmtpServer::start(Script::in_clear().once(stage, Answer::Say(words))).await;
        let SendOutcome::Deferred { response, our_fault: true } = send(&server).await else { panic!("{words}") };
        assert!(response.ends_with(words), "{response}");
    }
}

#[tokio::test]
async fn what_is_refused_for_good_has_failed() {
    for (stage, words) in [
        (Stage::Rcpt, "550 5.1.1 No such user here"),
        (Stage::Data, "554 5.5.1 No valid recipients"),
        (Stage::Content, "554 5.7.1 Looks like spam"),
    ] {
        let server = SmtpServer::start(Script::in_clear().once(stage, Answer::Say(words))).await;
        assert_eq!(send(&server).await, failed(words));
        assert_eq!(server.received(), []);
    }
}

#[tokio::test]
async fn what_is_refused_for_now_is_deferred_in_the_servers_words() {
    for (stage, words) in [
        (Stage::Greeting, "421 4.3.2 Too many connections"),
        (Stage::Mail, "451 4.3.0 Try again later"),
        (Stage::Rcpt, "451 4.7.1 Greylisted"),
        (Stage::Rcpt, "421 4.7.0 Going away"),
        (Stage::Data, "452 4.3.1 Out of space"),
        (Stage::Content, "451 4.3.0 Scanner is down"),
    ] {
        let server = SmtpServer::start(Script::in_clear().once(stage, Answer::Say(words))).await;
        assert_eq!(send(&server).await, deferred(words));
        assert_eq!(server.received(), []);
    }
    let server =
        SmtpServer::start(Script::starttls().sign_in("v", "p").once(Stage::Auth, Answer::Say("454 4.7.0 Later"))).await;
    assert_eq!(send(&server).await, deferred("454 4.7.0 Later"));
    let server = SmtpServer::start(Script::starttls().once(Stage::StartTls, Answer::Say("454 4.7.0 No TLS now"))).await;
    assert_eq!(send(&server).await, deferred("454 4.7.0 No TLS now"));
}

#[tokio::test]
async fn an_answer_of_several_lines_is_quoted_on_one() {
    let words = "550-5.1.1 The account does not exist.\r\n550 5.1.1 Check it for typing errors.";
    let server = SmtpServer::start(Script::in_clear().once(Stage::Rcpt, Answer::Say(words))).await;
    assert_eq!(send(&server).await, failed("550 5.1.1 The account does not exist. Check it for typing errors."));
}

#[tokio::test]
async fn a_lost_connection_is_deferred_at_every_stage() {
    for stage in [Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content] {
        let server = SmtpServer::start(Script::in_clear().once(stage, Answer::Drop)).await;
        let SendOutcome::Deferred { response, our_fault: false } = send(&server).await else { panic!("{stage:?}") };
        assert!(response.contains("the mail server 127.0.0.1:"), "{response}");
    }
    for stage in [Stage::StartTls, Stage::Auth] {
        let server = SmtpServer::start(Script::starttls().sign_in("v", "p").once(stage, Answer::Drop)).await;
        assert!(matches!(send(&server).await, SendOutcome::Deferred { our_fault: false, .. }), "{stage:?}");
    }
}

#[tokio::test]
async fn a_mail_whose_taking_was_not_heard_is_sent_again_under_the_same_id() {
    let server = SmtpServer::start(Script::in_clear().once(Stage::Content, Answer::Drop)).await;
    let mailer = mailer(&server.url());
    assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Deferred { our_fault: false, .. }));
    assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Sent { .. }));
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0], received[1]);
    assert_eq!(received[0].message_id(), to_noor().message_id);
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_in_time() {
    let started = Instant::now();
    let stages = [Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content];
    let tries = stages.map(|stage| async move {
        let server = SmtpServer::start(Script::in_clear().always(stage, Answer::Hang)).await;
        (stage, send(&server).await)
    });
    for (stage, outcome) in futures::future::join_all(tries).await {
        let SendOutcome::Deferred { response, our_fault: false } = outcome else { panic!("{stage:?}: {outcome:?}") };
        assert!(response.contains(" did not ") && response.ends_with("seconds."), "{response}");
    }
    assert!(started.elapsed() < LIMITS.total, "all at once, {:?}", started.elapsed());
}

#[tokio::test]
async fn answers_that_are_each_in_time_may_be_too_late_together() {
    let late = Answer::Late(Duration::from_millis(400));
    let script = [Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content]
        .into_iter()
        .fold(Script::in_clear(), |script, stage| script.always(stage, late.clone()));
    let server = SmtpServer::start(script).await;
    let limits = SmtpLimits { total: Duration::from_secs(1), ..LIMITS };
    let smtp = Mailer::Smtp(Smtp::new(&server.url()).unwrap().with_limits(limits));
    let expected = format!("The mail server 127.0.0.1:{} did not take the mail within a second.", server.port());
    assert_eq!(smtp.send(&to_noor()).await, deferred(&expected));
}

#[tokio::test]
async fn one_mail_that_hangs_does_not_hold_the_others() {
    let server = SmtpServer::start(Script::in_clear().once(Stage::Content, Answer::Hang)).await;
    let mailer = mailer(&server.url());
    let hanging = tokio::spawn({
        let mailer = mailer.clone();
        async move { mailer.send(&to_noor()).await }
    });
    while server.received().is_empty() {
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Sent { .. }));
    }
    assert!(!hanging.is_finished());
    assert!(matches!(hanging.await.unwrap(), SendOutcome::Deferred { our_fault: false, .. }));
}

#[tokio::test]
async fn with_nothing_on_the_port_the_mail_waits() {
    let server = SmtpServer::start(Script::in_clear()).await;
    let (url, port) = (server.url(), server.port());
    server.stop().await;
    let mailer = mailer(&url);
    let SendOutcome::Deferred { response, our_fault: false } = mailer.send(&to_noor()).await else {
        panic!("it was sent")
    };
    assert!(
        response.starts_with(&format!("Can’t reach the mail server 127.0.0.1:{port}: Connection refused")),
        "{response}"
    );

    let server = SmtpServer::start_at(port, Script::in_clear()).await;
    assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Sent { .. }));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_connection_serves_several_mails() {
    let server = SmtpServer::start(Script::starttls()).await;
    let mailer = mailer(&server.url());
    for _ in 0..3 {
        assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Sent { .. }));
    }
    assert_eq!((server.connections(), server.received().len()), (1, 3));
}

#[tokio::test]
async fn a_connection_that_died_meanwhile_costs_no_mail() {
    let server = SmtpServer::start(Script::in_clear()).await;
    let (mailer, port) = (mailer(&server.url()), server.port());
    assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Sent { .. }));
    server.stop().await;

    let server = SmtpServer::start_at(port, Script::in_clear()).await;
    assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Sent { .. }));
    assert_eq!((server.connections(), server.received().len()), (1, 1));
}

#[tokio::test]
async fn a_mail_given_up_midway_leaves_no_answer_for_the_next() {
    let script = Script::in_clear().once(Stage::Rcpt, Answer::Late(Duration::from_millis(900)));
    let server = SmtpServer::start(script).await;
    let limits = SmtpLimits { total: Duration::from_millis(500), ..LIMITS };
    let smtp = Smtp::new(&server.url()).unwrap().with_limits(limits);
    let first = MailMessage { to: "first@example.org".to_owned(), ..to_noor() };
    assert!(matches!(Mailer::Smtp(smtp.clone()).send(&first).await, SendOutcome::Deferred { .. }));
    // the late answer is on its way by now, to whoever would read it
    tokio::time::sleep(Duration::from_millis(600)).await;
    let second = MailMessage { to: "second@example.org".to_owned(), ..to_noor() };
    assert_eq!(Mailer::Smtp(smtp).send(&second).await, sent("250 2.0.0 Ok: queued as 1"));
    assert_eq!(server.received()[0].to, ["second@example.org"]);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_recipient_that_is_no_address_reaches_no_server() {
    let server = SmtpServer::start(Script::in_clear()).await;
    let message = MailMessage { to: "noor@elsayed.example>\r\nRCPT TO:<v@y.com".to_owned(), ..to_noor() };
    let outcome = mailer(&server.url()).send(&message).await;
    assert_eq!(outcome, failed("The recipient is not an address that mail can be sent to."));
    assert_eq!(server.connections(), 0);
}
