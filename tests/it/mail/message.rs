//! Messages as bytes: the headers that are meant, once each, whatever people write.

use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use std::collections::BTreeMap;
use vestibule_core::mail::{MailMessage, MessageError, message_id};
use vestibule_domain::MailId;

pub fn to_noor() -> MailMessage {
    MailMessage {
        to: "noor@elsayed.example".to_owned(),
        from: "Vestibule <vestibule@localhost>".to_owned(),
        from_name: None,
        reply_to: None,
        subject: "Joan Whitlock invites you to join Saltmarsh Press".to_owned(),
        text: "Joan Whitlock invites you.\n\n.hidden\n..twice\n.\nEnd".to_owned(),
        html: "<p>Joan Whitlock invites you.</p>\n".to_owned(),
        message_id: "0199a2b4-7c7e-7000-8000-000000000001@join.saltmarsh.example".to_owned(),
        date: Utc.with_ymd_and_hms(2026, 11, 22, 9, 44, 0).unwrap(),
    }
}

/// Header lines up to the empty line, unfolded, by name.
fn headers(raw: &[u8]) -> BTreeMap<String, Vec<String>> {
    let text = std::str::from_utf8(raw).unwrap();
    let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        headers.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    headers
}

fn header_of(message: &MailMessage, name: &str) -> String {
    headers(&message.raw().unwrap())[name].join("\n")
}

#[test]
fn a_message_has_these_headers() {
    let message = MailMessage { reply_to: Some("joan@saltmarsh.example".to_owned()), ..to_noor() };
    insta::assert_snapshot!(String::from_utf8(message.raw().unwrap()).unwrap().replace("\r\n", "\n"));
}

#[test]
fn the_same_message_is_the_same_bytes() {
    assert_eq!(to_noor().raw(), to_noor().raw());
}

#[test]
fn a_message_id_is_the_mails_id_at_our_host() {
    let id: MailId = "0199a2b4-7c7e-7000-8000-000000000001".parse().unwrap();
    for (public_host, host) in [
        ("join.saltmarsh.example", "join.saltmarsh.example"),
        ("127.0.0.1:3000", "127.0.0.1"),
        ("[::1]:3000", "[::1]"),
        ("localhost", "localhost"),
    ] {
        let message = MailMessage { message_id: message_id(id, public_host), ..to_noor() };
        assert_eq!(header_of(&message, "Message-ID"), format!("<{id}@{host}>"));
    }
}

#[test]
fn what_looks_encoded_already_is_encoded_again() {
    let message = MailMessage { subject: "=?utf-8?b?ZXZpbC5jb20=?= invites you".to_owned(), ..to_noor() };
    let subject = header_of(&message, "Subject");
    assert!(subject.starts_with("=?utf-8?b?PT91dGYtOD9iP1pYWnBiQzVqYjIwPT89"), "{subject}");
}

#[test]
fn a_senders_name_is_quoted_or_encoded_beside_the_configured_address() {
    for (name, header) in [
        ("Ada", "Ada"),
        ("Ada Byrne via Saltmarsh Press", "\"Ada Byrne via Saltmarsh Press\""),
        ("Ada \"Countess\" Byrne", "\"Ada \\\"Countess\\\" Byrne\""),
        ("Žofie", "=?utf-8?b?xb1vZmll?="),
        ("=?utf-8?b?ZXZpbA==?=", "=?utf-8?b?PT91dGYtOD9iP1pYWnBiQT09Pz0=?="),
        (" Ada\r\nBcc: v ", "=?utf-8?b?QWRhIEJjYzogdg==?="),
        ("\u{202e}", "Vestibule"),
    ] {
        let message = MailMessage { from_name: Some(name.to_owned()), ..to_noor() };
        assert_eq!(header_of(&message, "From"), format!("{header} <vestibule@localhost>"), "{name:?}");
    }
    let message = MailMessage { from: "nobody".to_owned(), from_name: Some("Ada".to_owned()), ..to_noor() };
    assert_eq!(message.raw(), Err(MessageError::From));
}

#[test]
fn people_read_the_senders_name_as_it_is() {
    let message = MailMessage { from_name: Some("Žofie \"Jo\" via Acme".to_owned()), ..to_noor() };
    assert_eq!(message.sender(), "Žofie \"Jo\" via Acme <vestibule@localhost>");
    assert_eq!(to_noor().sender(), "Vestibule <vestibule@localhost>");
}

#[test]
fn an_address_that_could_say_more_than_itself_is_refused() {
    for to in [
        "noor@elsayed.example\r\nBcc: v@y.com",
        "noor@elsayed.example> SIZE=1",
        "Noor <noor@elsayed.example>",
        "a@x.com,b@x.com",
        "\"a b\"@x.com",
        "nöör@elsayed.example",
        "nobody",
        "",
    ] {
        let message = MailMessage { to: to.to_owned(), ..to_noor() };
        assert_eq!(message.raw(), Err(MessageError::To), "{to:?}");
        let message = MailMessage { reply_to: Some(to.to_owned()), ..to_noor() };
        assert_eq!(message.raw(), Err(MessageError::ReplyTo), "{to:?}");
    }
    let message = MailMessage { from: "Vestibule".to_owned(), ..to_noor() };
    assert_eq!(message.raw(), Err(MessageError::From));
    for id in ["no host", "a>\r\nBcc: v@y.com@b", "", "a/../b@c"] {
        let message = MailMessage { message_id: id.to_owned(), ..to_noor() };
        assert_eq!(message.raw(), Err(MessageError::MessageId), "{id:?}");
    }
}

#[test]
fn long_lines_are_folded_for_the_wire() {
    for text in ["word ".repeat(1_000), "x".repeat(5_000), "ü".repeat(5_000)] {
        let message = MailMessage { text: text.clone(), html: text, ..to_noor() };
        let raw = message.raw().unwrap();
        assert!(raw.is_ascii() && raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 999));
    }
}

#[test]
fn the_boundary_cannot_be_written_by_hand() {
    let boundary =
        |message: &MailMessage| header_of(message, "Content-Type").split("boundary=").nth(1).unwrap().to_owned();
    let first = to_noor();
    let guessed = MailMessage { text: format!("--{}\n", boundary(&first).trim_matches('"')), ..to_noor() };
    assert_ne!(boundary(&first), boundary(&guessed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_that_people_write_becomes_a_header(
        subject in any::<String>(),
        text in any::<String>(),
        html in any::<String>(),
        injected in "[a-z]{0,5}(\r\n|\n|\r|%0d%0a|\u{2028}|\0)Bcc: v@y\\.com(\r\n\r\n)?[a-z]{0,5}",
    ) {
        for (subject, text, html) in [(&subject, &text, &html), (&injected, &injected, &injected)] {
            let message = MailMessage { subject: subject.clone(), text: text.clone(), html: html.clone(), ..to_noor() };
            let raw = message.raw().unwrap();
            let headers = headers(&raw);
            let names: Vec<(&str, usize)> = headers.iter().map(|(name, values)| (name.as_str(), values.len())).collect();
            let expected = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"];
            prop_assert_eq!(names, expected.map(|name| (name, 1)));
            prop_assert_eq!(&headers["From"][0], "Vestibule <vestibule@localhost>");
            prop_assert_eq!(&headers["To"][0], "noor@elsayed.example");
            prop_assert!(raw.is_ascii());
            prop_assert!(raw.split(|byte| *byte == b'\n').all(|line| line.is_empty() || line.ends_with(b"\r") || line.ends_with(b"--")));
            prop_assert!(raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 999));
        }
    }
}
