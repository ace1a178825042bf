//! `vestibule serve`: the portal and the worker, until stopped.

use super::CliError;
use super::signals::Signals;
use crate::config::Config;
use crate::server;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio::time::timeout;
use vestibule_core::service::Vestibule;
use vestibule_core::worker;
use vestibule_web::PublicUrl;
use vestibule_web::connections::{self, Caps};
use vestibule_web::metrics::Metrics;

/// How long requests in progress can continue after the signal to stop.
const DRAIN: Duration = Duration::from_secs(30);
/// How long the worker can continue: it waits for a mail that has been handed over, as long as a mail server can take
/// to confirm it, and then has to record the result.
const LAST_MAIL: Duration = Duration::from_secs(40);

/// Serves until a signal stops it: waits for requests and mails in progress, then closes the database.
pub async fn serve(config: &Config) -> Result<(), CliError> {
    let exporting = vestibule_telemetry::start(&config.log, config.log_format)?;
    ignore_file_size_signal();
    let vestibule = server::open_to_serve(config).await?;
    let served = serve_from(config, &vestibule).await;
    vestibule.close().await;
    exporting.stop().await;
    served
}

async fn serve_from(config: &Config, vestibule: &Arc<Vestibule>) -> Result<(), CliError> {
    let caps = connection_caps();
    let metrics = config.metrics_listen()?.map(Metrics::listen).transpose()?;
    let refused =
        |error| format!("cannot listen on {}: {error}; set VESTIBULE_LISTEN to another address", config.listen);
    let listener = connections::listen(config.listen).map_err(refused)?;
    let mut signals = Signals::new()?;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::run(Arc::clone(vestibule), stopped.clone()));
    greet(vestibule, listener.local_addr()?).await?;
    if let Some(metrics) = metrics {
        println!("Metrics are at http://{}/metrics", metrics.address());
        tokio::spawn(metrics.serve(Arc::clone(vestibule)));
    }
    let mut until = stopped.clone();
    let until = async move { drop(until.wait_for(|stopped| *stopped).await) };
    let (router, trusted) = (server::router(vestibule), config.trusted_proxies.clone());
    let serving = tokio::spawn(async move { connections::serve_within(caps, &trusted, listener, router, until).await });
    signals.next().await;
    tracing::info!("stopping: finishing work in progress");
    vestibule.stop();
    stop.send_replace(true);
    let ends = async { tokio::join!(timeout(DRAIN, serving), timeout(LAST_MAIL, working)) };
    tokio::select! {
        _ = ends => {}
        status = signals.next() => {
            tracing::warn!("stopped immediately by a second signal");
            std::process::exit(status)
        }
    }
    Ok(())
}

/// Returns how many connections are allowed: as many as there can be open files, after the limit on those has been
/// raised.
fn connection_caps() -> Caps {
    let files = connections::raise_file_limit();
    let caps = Caps::for_files(files);
    let (most, most_by_address) = (caps.total, caps.by_address);
    tracing::info!(files, most, most_by_address, "limits on open files and connections");
    caps
}

/// Prints the URL and warnings, and at the first start the link that creates the first owner.
async fn greet(vestibule: &Vestibule, address: SocketAddr) -> Result<(), CliError> {
    let settings = vestibule.settings();
    println!("Vestibule is at {} (listening on {address})", settings.public_url);
    if !PublicUrl::new(&settings.public_url).keeps_secure_cookies() {
        println!(
            "The public URL does not use https, so anyone on the network can read sessions. Put a proxy with https in front."
        );
    }
    if !vestibule.has_mail_server() {
        println!(
            "No mail server is set up: no mail is sent, and email addresses can't be proved. Set VESTIBULE_SMTP_URL to send mail."
        );
    }
    if let (Some(hold), counts) = vestibule.held().counts().await? {
        let (at, held) = (hold.restored_at.format("%Y-%m-%d %H:%M UTC"), super::restore::in_words(counts));
        println!(
            "A backup was restored on {at}, and this is held: {held}. Send it with `vestibule mail release`, or drop it with `vestibule mail discard`."
        );
    }
    if !settings.webhook_allow_subnets.is_empty() {
        let subnets = settings.webhook_allow_subnets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        println!("Webhooks can reach networks that are not public: {subnets} (webhook_allow_subnets).");
    }
    if vestibule.organizations().needs_set_up().await? {
        println!(
            "\nOpen this link to create the first owner. It works once:\n\n  {}\n",
            vestibule.organizations().set_up_url()
        );
    }
    Ok(())
}

/// Ignores the signal for the limit on file sizes. By default it would kill the process; ignored, the write fails and
/// the request is answered.
fn ignore_file_size_signal() {
    #[cfg(unix)]
    if let Ok(mut signals) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(libc::SIGXFSZ)) {
        tokio::spawn(async move { while signals.recv().await.is_some() {} });
    }
}
