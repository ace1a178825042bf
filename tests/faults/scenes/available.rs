//! Outgrown one machine: three instances behind HAProxy, on a PostgreSQL with a standby that has all that was
//! acknowledged.

use crate::{
    driver::{Figures, Installation, Load, Organization, PostgresServer, Proxy, free_port, readiness, rounds},
    harness::{
        Program,
        program::until,
        smtp::{Script, SmtpServer},
    },
};
use std::{collections::BTreeMap, time::Duration};

/// Everything but the server that may die.
struct Cluster {
    installation: Installation,
    organization: Organization,
    instances: Vec<(Program, u16)>,
    front: Proxy,
    smtp: SmtpServer,
    _database: Proxy,
}

fn no_proxy<T>() -> Option<T> {
    eprintln!("ATTENTION: there is no HAProxy here, so this scene was not played");
    None
}

impl Cluster {
    async fn start(servers: &[&PostgresServer]) -> Option<Self> {
        let addresses: Vec<_> = servers.iter().map(|server| server.address()).collect();
        let Some(database) = Proxy::start("haproxy-postgres.cfg", &addresses) else { return no_proxy() };
        servers[0].execute("postgres", "create role haproxy login").await;
        let name = servers[0].database().await;
        let name = name.rsplit('/').next().unwrap();
        let smtp = SmtpServer::start(Script::in_clear()).await;
        let url = format!("postgres://postgres@{}/{name}", database.address);
        let installation = Installation::on(&url).with("VESTIBULE_SMTP_URL", &smtp.url());
        let organization = first_organization(&installation).await;
        let mut instances = Vec::new();
        for _ in 0..3 {
            let port = free_port();
            instances.push((installation.start_at(port), port));
        }
        let fronts: Vec<_> = instances.iter().map(|(_, port)| format!("127.0.0.1:{port}")).collect();
        let front = Proxy::start("haproxy.cfg", &fronts)?;
        let cluster = Self { installation, organization, instances, front, smtp, _database: database };
        until("three instances", async || cluster.count_ready().await == 3).await;
        until("the proxy", async || readiness(&cluster.front.address).await == Some(200)).await;
        Some(cluster)
    }

    async fn count_ready(&self) -> usize {
        let mut ready = 0;
        for (_, port) in &self.instances {
            ready += usize::from(readiness(&format!("127.0.0.1:{port}")).await == Some(200));
        }
        ready
    }

    /// Stops one as service managers do, waits until it has ended, and starts it again.
    async fn restart(&mut self, n: usize) {
        let (mut program, port) = self.instances.remove(n);
        program.terminate().await;
        let ended = tokio::time::timeout(Duration::from_secs(8), program.ended()).await;
        assert!(ended.expect("it ends").success());
        self.instances.insert(n, (self.installation.start_at(port), port));
        until("three instances", async || self.count_ready().await == 3).await;
        // the proxy looks once a second
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
}

/// The proxy takes a moment to find the server that can be written to.
async fn first_organization(installation: &Installation) -> Organization {
    tokio::time::sleep(Duration::from_secs(3)).await;
    installation.organization("acme").await
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_restarted_one_after_another_and_nobody_notices() {
    let server = PostgresServer::start().await;
    let Some(mut cluster) = Cluster::start(&[&server]).await else { return };
    let mut figures = Figures::new("rolling restart of three instances (X46, X51)", "PostgreSQL");
    let api = cluster.organization.api(&cluster.front.address);
    let mut invited = Vec::new();
    for _ in 0..rounds(1, 10) {
        let load = Load::start(&api, 8);
        for n in 0..3 {
            cluster.restart(n).await;
        }
        let heard = load.stop().await;
        heard.iter().for_each(|told| figures.count(told));
        assert!(heard.iter().all(|told| told.status.is_some()), "an answer never came");
        invited.extend(heard.iter().filter_map(|told| told.json()["email"].as_str().map(str::to_owned)));
        figures.rounds += 1;
    }
    until("all mails", async || cluster.smtp.received().len() >= invited.len()).await;
    let mut mails: BTreeMap<String, usize> = BTreeMap::new();
    for mail in cluster.smtp.received() {
        *mails.entry(mail.to[0].clone()).or_default() += 1;
    }
    figures.doubled += mails.values().filter(|count| **count > 1).count();
    figures.lost += invited.iter().filter(|email| !mails.contains_key(*email)).count();
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_takes_over_and_has_all_that_was_acknowledged() {
    let primary = PostgresServer::start().await;
    let Some(standby) = primary.standby().await else {
        return eprintln!("ATTENTION: there is no pg_basebackup here, so this scene was not played");
    };
    let Some(cluster) = Cluster::start(&[&primary, &standby]).await else { return };
    let mut figures = Figures::new("primary killed, standby promoted (X51)", "PostgreSQL");
    let api = cluster.organization.api(&cluster.front.address);
    let load = Load::start(&api, 8);
    tokio::time::sleep(Duration::from_secs(2)).await;
    primary.kill().await;
    standby.promote().await;
    until("three instances", async || cluster.count_ready().await == 3).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let heard = load.stop().await;
    let kept = api.invitations().await;
    for told in &heard {
        figures.count(told);
        figures.lost += usize::from(told.id().is_some_and(|id| !kept.iter().any(|kept| kept["id"] == id.as_str())));
    }
    assert!(heard.last().unwrap().is_success(), "it goes on: {:?}", heard.last());
    figures.rounds += 1;
    cluster.installation.check().await;
    figures.check();
}
