//! Endpoints that are down, slow, full or gone.

use super::{Receiver, header};
use crate::harness::{Database, Reply, Setup, TestApp, program::until};
use chrono::Duration;
use std::{collections::HashSet, num::NonZeroU32, sync::Arc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use vestibule_core::service::{Settings, WebhookEndpointEdit};
use vestibule_core::worker;
use vestibule_domain::Total;
use vestibule_domain::webhook::{DisabledWhy, WebhookDeliveryState};

both! {
    async fn what_fails_is_tried_again_over_days_and_holds_up_nobody_else(app) {
        let acme = app.organization("Acme").await;
        let (down, up) = (Receiver::answering([Reply::new(500).body("out of order")]).await, Receiver::new().await);
        let (failing, _) = app.webhook(&acme, &down.url, &["invitation.created"]).await;
        app.webhook(&acme, &up.url, &["invitation.created"]).await;
        app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        assert_eq!(up.requests().len(), 1);
        let seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, 86_400, 86_400];
        for (number, wait) in seconds.into_iter().enumerate() {
            assert_eq!(down.requests().len(), number + 1);
            app.advance(Duration::seconds(wait) * 8 / 10);
            app.settle().await;
            assert_eq!(down.requests().len(), number + 1, "not before its time");
            app.advance(Duration::seconds(wait) * 3 / 10);
            app.settle().await;
        }
        let delivery = app.deliveries(&acme, &failing).await.remove(0);
        assert_eq!((delivery.state, delivery.attempts), (WebhookDeliveryState::Failed, 10));
        let attempts = app.attempts(&acme, delivery.id).await;
        assert_eq!(attempts.len(), 10);
        assert!(attempts.iter().all(|attempt| attempt.status == Some(500) && attempt.answer == "out of order"));
        let times: HashSet<_> = down.requests().iter().map(|request| header(request, "webhook-timestamp").to_owned()).collect();
        assert_eq!(times.len(), 10);
        app.advance(Duration::days(30));
        app.settle().await;
        assert_eq!(down.requests().len(), 10);
        assert_eq!(up.requests().len(), 1);
    }

    async fn an_endpoint_that_answers_410_is_disabled_and_its_owner_told(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::answering([Reply::new(410)]).await;
        let (endpoint, _) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        let disabled = app.vestibule.webhook_endpoints().get(&acme.scope, endpoint.id).await.unwrap().disabled.unwrap();
        assert_eq!(disabled.why, DisabledWhy::Gone);
        let mails = app.mail.messages();
        let told = mails.iter().find(|mail| mail.subject.contains("webhook")).unwrap();
        assert_eq!((told.to.as_str(), told.subject.as_str()), ("ada@acme.example", "Acme: a webhook was disabled"));
        let events = app.vestibule.feed().events(&acme.scope, 0, 100).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.fact.action() == "webhook.disabled").count(), 1);
        app.invites(&acme, "alan@example.com").await;
        app.settle().await;
        assert_eq!(receiver.requests().len(), 1, "it hears of nothing more");

        receiver.answer([Reply::new(200)]);
        let failed = app.deliveries(&acme, &endpoint).await.remove(0);
        assert!(app.vestibule.webhook_deliveries().replay(&acme.scope, failed.id).await.is_err(), "not while it is disabled");
        let edit = WebhookEndpointEdit { enabled: Some(true), ..WebhookEndpointEdit::default() };
        app.vestibule.webhook_endpoints().edit(&acme.scope, endpoint.id, &edit).await.unwrap();
        app.vestibule.webhook_deliveries().replay(&acme.scope, failed.id).await.unwrap();
        app.settle().await;
        assert_eq!(app.deliveries(&acme, &endpoint).await[0].state, WebhookDeliveryState::Delivered);
    }

    async fn after_five_days_of_nothing_but_failures_it_is_disabled(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::answering([Reply::new(503)]).await;
        let (endpoint, _) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        for day in 0..6 {
            app.invites(&acme, &format!("person{day}@example.com")).await;
            app.settle().await;
            let now = app.vestibule.webhook_endpoints().get(&acme.scope, endpoint.id).await.unwrap();
            assert_eq!(now.disabled.map(|disabled| disabled.why), (day == 5).then_some(DisabledWhy::Failing), "day {day}");
            app.advance(Duration::days(1));
        }
        app.settle().await;
        let states: HashSet<_> = app.deliveries(&acme, &endpoint).await.into_iter().map(|delivery| delivery.state).collect();
        assert!(!states.contains(&WebhookDeliveryState::Pending) && states.contains(&WebhookDeliveryState::Cancelled));
        assert_eq!(app.mail.messages().iter().filter(|mail| mail.subject.contains("webhook")).count(), 1);
    }

    async fn one_success_forgives(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::answering([Reply::new(503)]).await;
        let (endpoint, _) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        assert!(app.vestibule.webhook_endpoints().get(&acme.scope, endpoint.id).await.unwrap().failing_since.is_some());
        receiver.answer([Reply::new(202)]);
        app.advance(Duration::seconds(6));
        app.settle().await;
        assert!(app.vestibule.webhook_endpoints().get(&acme.scope, endpoint.id).await.unwrap().failing_since.is_none());
    }

    async fn an_endpoint_may_ask_for_time(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::answering([Reply::new(429).header("retry-after", "3600")]).await;
        app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        app.advance(Duration::seconds(3_599));
        app.settle().await;
        assert_eq!(receiver.requests().len(), 1);
        app.advance(Duration::seconds(1));
        app.settle().await;
        assert_eq!(receiver.requests().len(), 2);
    }
}

/// What a server does with a request that it has read.
#[derive(Clone, Copy)]
enum Rude {
    SaysNothing,
    NeverEnds,
    HangsUp,
}

/// Its address.
async fn rude(manner: Rude) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(treat(stream, manner));
        }
    });
    url
}

async fn treat(mut stream: TcpStream, manner: Rude) {
    let mut request = [0; 16 * 1024];
    let _ = stream.read(&mut request).await;
    match manner {
        Rude::HangsUp => {}
        Rude::SaysNothing => std::future::pending().await,
        Rude::NeverEnds => {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n";
            let mut going = stream.write_all(head.as_bytes()).await;
            while going.is_ok() {
                going = stream.write_all(&[b'x'; 64 * 1024]).await;
            }
        }
    }
}

async fn impatient() -> TestApp {
    let settings = |settings: &mut Settings| settings.webhook_timeout_seconds = NonZeroU32::new(1).unwrap();
    TestApp::with(Setup { settings: Box::new(settings), ..Setup::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rude_servers_are_cut_off_and_the_reason_is_kept() {
    let app = impatient().await;
    let acme = app.organization("Acme").await;
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let wanted = [
        (rude(Rude::SaysNothing).await, None, Some("no answer within 1 seconds"), 0),
        (rude(Rude::HangsUp).await, None, Some("the connection broke"), 0),
        (rude(Rude::NeverEnds).await, Some(200), None, 4_096),
        (nobody, None, Some("could not connect"), 0),
    ];
    let mut endpoints = Vec::new();
    for (url, ..) in &wanted {
        endpoints.push(app.webhook(&acme, url, &["invitation.created"]).await.0);
    }
    app.invites(&acme, "joan@example.com").await;
    app.settle().await;
    for (endpoint, (url, status, error, bytes)) in endpoints.iter().zip(wanted) {
        let delivery = app.deliveries(&acme, endpoint).await.remove(0);
        let attempt = app.attempts(&acme, delivery.id).await.remove(0);
        assert_eq!((attempt.status, attempt.answer.len()), (status, bytes), "{url}: {attempt:?}");
        let told = attempt.error.unwrap_or_default();
        assert!(error.map_or(told.is_empty(), |error| told.starts_with(error)), "{url}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_endpoint_holds_up_neither_another_nor_mail() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let fast = Receiver::new().await;
    app.webhook(&acme, &rude(Rude::SaysNothing).await, &["invitation.created"]).await;
    app.webhook(&acme, &fast.url, &["invitation.created"]).await;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::run(Arc::clone(&app.vestibule), stopped));
    let many: Vec<String> = (0..100).map(|n| format!("person{n}@example.com")).collect();
    let invite = app.invite(&acme, &many.join("\n"), "member").await;
    app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
    let all_there = async {
        while fast.requests().len() < 100 || app.mail.messages().len() < 100 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(15), all_there).await.expect("the slow one held it up");
    stop.send_replace(true);
    working.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_instances_each_delivery_is_sent_by_one() {
    let one = TestApp::on(Database::Postgres).await;
    let acme = one.organization("Acme").await;
    let receiver = Receiver::new().await;
    let (endpoint, _) = one.webhook(&acme, &receiver.url, &["invitation.created"]).await;
    let many: Vec<String> = (0..200).map(|n| format!("person{n}@example.com")).collect();
    let invite = one.invite(&acme, &many.join("\n"), "member").await;
    one.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
    let two = one.sibling().await;
    tokio::join!(one.settle(), two.settle());
    let requests = receiver.requests();
    let ids: HashSet<&str> = requests.iter().map(|request| header(request, "webhook-id")).collect();
    assert_eq!((requests.len(), ids.len()), (200, 200));
    let list = one
        .vestibule
        .webhook_deliveries()
        .page(&acme.scope, endpoint.id, Some(WebhookDeliveryState::Delivered), None, 1)
        .await
        .unwrap();
    assert_eq!(list.counts.of(None), Total::exact(200));
}

async fn mine_beside_silent_ones(database: Database) {
    let app = TestApp::on(database).await;
    let acme = app.organization("Acme").await;
    let other = app.beside(&acme, "Other").await;
    for _ in 0..20 {
        app.webhook(&other, &rude(Rude::SaysNothing).await, &["invitation.created"]).await;
    }
    for n in 0..10 {
        app.invites(&other, &format!("person{n}@example.com")).await;
    }
    let mine = Receiver::new().await;
    app.webhook(&acme, &mine.url, &["invitation.created"]).await;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::run(Arc::clone(&app.vestibule), stopped));
    let leased = "select count(*) from webhook_deliveries where leased_until is not null";
    until("all that hang", async || app.count(leased).await == 80).await;
    let begun = tokio::time::Instant::now();
    for n in 0..10 {
        app.invites(&acme, &format!("person{n}@example.com")).await;
    }
    until("mine", async || mine.requests().len() == 10).await;
    println!("{database:?}: mine after {:?}", begun.elapsed());
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    stop.send_replace(true);
    working.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_silent_endpoints_of_another_organization_do_not_delay_mine_on_sqlite() {
    mine_beside_silent_ones(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_silent_endpoints_of_another_organization_do_not_delay_mine_on_postgres() {
    mine_beside_silent_ones(Database::Postgres).await;
}

both! {
    async fn what_has_come_through_while_its_endpoint_was_disabled_reads_delivered(app) {
        let acme = app.organization("Acme").await;
        let late = Reply::new(200).after(std::time::Duration::from_secs(1));
        let receiver = Receiver::answering([late]).await;
        let (endpoint, _) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        app.invites(&acme, "joan@example.com").await;
        let disable = async {
            until("the request", async || receiver.requests().len() == 1).await;
            let edit = WebhookEndpointEdit { enabled: Some(false), ..WebhookEndpointEdit::default() };
            app.vestibule.webhook_endpoints().edit(&acme.scope, endpoint.id, &edit).await.unwrap();
        };
        tokio::join!(app.settle(), disable);
        let delivery = app.deliveries(&acme, &endpoint).await.remove(0);
        assert_eq!((delivery.state, delivery.attempts), (WebhookDeliveryState::Delivered, 1));
        assert_eq!(app.attempts(&acme, delivery.id).await.len(), 1);
    }

    async fn a_delivery_that_cannot_be_saved_is_not_sent_again(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::new().await;
        let (endpoint, _) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        let fails = if app.is_sqlite() {
            "create trigger no_saving before insert on webhook_attempts begin select raise(abort, 'no saving'); end"
        } else {
            "create function no_saving() returns trigger language plpgsql as $$ begin raise exception 'no saving'; end $$;
             create trigger no_saving before insert on webhook_attempts for each row execute function no_saving()"
        };
        app.execute(fails).await;
        app.invites(&acme, "joan@example.com").await;
        let mend = async {
            until("the request", async || receiver.requests().len() == 1).await;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            app.execute(if app.is_sqlite() { "drop trigger no_saving" } else { "drop trigger no_saving on webhook_attempts" }).await;
        };
        tokio::join!(app.settle(), mend);
        let delivery = app.deliveries(&acme, &endpoint).await.remove(0);
        assert_eq!((delivery.state, delivery.attempts), (WebhookDeliveryState::Delivered, 1));
        assert_eq!(receiver.requests().len(), 1);
    }
}
