//! Background work.

mod fair;
mod flow;
mod leases;
mod remind;
mod restart;
mod saving;
mod send_mail;
mod two_instances;

use crate::harness::{Database, Setup, TestApp, smtp::SmtpServer};
use std::sync::Arc;
use tokio::{sync::watch, task::JoinHandle};
use vestibule_core::mail::{Mailer, Smtp};
use vestibule_core::worker;
use vestibule_domain::{MailFilter, MailState};

/// The worker as the program runs it, until it is dropped.
pub struct Working {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Working {
    pub fn begin(app: &TestApp) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(worker::run(Arc::clone(&app.vestibule), stopped)) }
    }

    /// As a signal to the program does; returns when the worker has ended.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        (&mut self.task).await.unwrap();
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An installation whose mail goes to this server.
pub async fn with_server(database: Database, server: &SmtpServer) -> TestApp {
    let mailer = Some(Some(Mailer::Smtp(Smtp::new(&server.url()).unwrap())));
    TestApp::with(Setup { database, mailer, ..Setup::default() }).await
}

/// How many mails of an organization are in this state.
pub async fn mails(app: &TestApp, at: &crate::harness::Acme, state: MailState) -> u64 {
    let list = app.vestibule.outbox().page(&at.scope, &MailFilter::default(), None, 1).await.unwrap();
    list.counts.of(state).number
}

/// Invites so many: person0@example.com and so on.
pub async fn invites_many(app: &TestApp, at: &crate::harness::Acme, count: usize) {
    let many: Vec<String> = (0..count).map(|n| format!("person{n}@example.com")).collect();
    let invite = app.invite(at, &many.join("\n"), "member").await;
    app.vestibule.invitations().invite(&at.scope, &invite).await.unwrap();
}
