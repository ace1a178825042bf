//! TLS and credentials: whom the mailer talks to, what it says before it knows, and whose fault it is.

use super::{
    message::to_noor,
    smtp::{mailer, our_fault, send},
};
use crate::harness::smtp::{Answer, Script, SmtpServer, Stage};
use vestibule_domain::SendOutcome;

#[tokio::test]
async fn nothing_but_greetings_goes_in_clear_where_tls_is_wanted() {
    let server = SmtpServer::start(Script::starttls().sign_in("vestibule", "p-s")).await;
    assert!(matches!(send(&server).await, SendOutcome::Sent { .. }));
    let lines: Vec<String> =
        server.heard_in_clear().lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["EHLO", "STARTTLS"]);

    let server = SmtpServer::start(Script::wrapped().sign_in("vestibule", "p-s")).await;
    assert!(matches!(send(&server).await, SendOutcome::Sent { .. }));
    assert_eq!(server.heard_in_clear(), "");
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let server = SmtpServer::start(Script::in_clear().sign_in("vestibule", "p-s")).await;
    let url = format!("smtp://vestibule:p-s@localhost:{}?ca={}", server.port(), server.ca().display());
    let expected =
        format!("The mail server localhost:{} offers no STARTTLS, so nothing was sent to it in clear.", server.port());
    assert_eq!(mailer(&url).send(&to_noor()).await, our_fault(expected));
    assert!(!server.heard_in_clear().contains("AUTH") && !server.heard_in_clear().contains("noor"));
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_stops_the_mail_and_says_so() {
    for script in [Script::starttls(), Script::wrapped()] {
        let server = SmtpServer::start(script.sign_in("vestibule", "p-s")).await;
        let url = server.url().split('?').next().unwrap().to_owned();
        let expected = format!(
            "The certificate of the mail server localhost:{} is not trusted: invalid peer certificate: UnknownIssuer.",
            server.port()
        );
        assert_eq!(mailer(&url).send(&to_noor()).await, our_fault(expected));
        assert_eq!(server.received(), []);
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_stops_the_mail() {
    for script in [Script::starttls(), Script::wrapped()] {
        let server = SmtpServer::start(script.certified_for("mail.example.org")).await;
        let SendOutcome::Deferred { response, our_fault: true } = send(&server).await else { panic!("it was sent") };
        assert!(response.contains("is not trusted") && response.contains("mail.example.org"), "{response}");
    }
}

#[tokio::test]
async fn tls_spoken_to_a_port_without_it_is_our_fault() {
    let server = SmtpServer::start(Script::in_clear()).await;
    let url = format!("smtps://localhost:{}", server.port());
    let SendOutcome::Deferred { response, our_fault: true } = mailer(&url).send(&to_noor()).await else {
        panic!("it was sent")
    };
    assert!(response.ends_with("Does this port use TLS from the start?"), "{response}");
}

#[tokio::test]
async fn refused_credentials_are_our_fault_and_never_shown() {
    let server = SmtpServer::start(Script::starttls().sign_in("vestibule", "right")).await;
    let url = server.url().replace(":right@", ":hunter2@");
    let expected = format!(
        "The mail server localhost:{} refuses our user name or password: 535 5.7.8 Authentication credentials invalid",
        server.port()
    );
    assert_eq!(mailer(&url).send(&to_noor()).await, our_fault(expected));
    assert!(!format!("{:?}", mailer(&url)).contains("hunter2"));

    let script = Script::starttls().sign_in("vestibule", "right").once(Stage::Auth, Answer::Say("535 not hunter2"));
    server.behave(script);
    let SendOutcome::Deferred { response, .. } = mailer(&url).send(&to_noor()).await else { panic!("it was sent") };
    assert!(response.ends_with("535 not •••"), "{response}");
}

#[tokio::test]
async fn a_server_that_wants_us_to_sign_in_is_our_fault_at_any_stage() {
    let server = SmtpServer::start(Script::in_clear().sign_in("vestibule", "p-s")).await;
    let url = format!("smtp://127.0.0.1:{}?tls=none", server.port());
    let wants = format!(
        "The mail server 127.0.0.1:{} wants us to sign in first: 530 5.7.0 Authentication required",
        server.port()
    );
    assert_eq!(mailer(&url).send(&to_noor()).await, our_fault(wants));

    for (stage, words) in
        [(Stage::Rcpt, "530 5.7.0 Sign in"), (Stage::Data, "534 5.7.9 Stronger"), (Stage::Content, "538 5.7.11 TLS")]
    {
        let server = SmtpServer::start(Script::in_clear().once(stage, Answer::Say(words))).await;
        assert!(matches!(send(&server).await, SendOutcome::Deferred { our_fault: true, .. }), "{words}");
    }
}
