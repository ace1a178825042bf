//! `vestibule serve`: the portal and the worker, until stopped.

use super::Failed;
use crate::http::PublicUrl;
use crate::http::connections::{self, Caps};
use crate::service::Vestibule;
use crate::{config::Config, server, telemetry, worker};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::sync::watch;

/// How long requests that are being answered may go on after the signal to stop.
const DRAIN: Duration = Duration::from_secs(30);

pub async fn serve(config: &Config) -> Result<(), Failed> {
    telemetry::start(config)?;
    ignore_file_size_signal();
    let vestibule = server::open_to_serve(config).await?;
    let served = serve_from(config, &vestibule).await;
    vestibule.close().await;
    served
}

async fn serve_from(config: &Config, vestibule: &Arc<Vestibule>) -> Result<(), Failed> {
    let caps = connection_caps();
    let refused =
        |error| format!("cannot listen on {}: {error}; set VESTIBULE_LISTEN to another address", config.listen);
    let listener = connections::listen(config.listen).map_err(refused)?;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::run(Arc::clone(vestibule), stopped.clone()));
    greet(vestibule, listener.local_addr()?).await?;
    let mut until = stopped.clone();
    let until = async move { drop(until.wait_for(|stopped| *stopped).await) };
    let (router, trusted) = (server::router(vestibule), config.trusted_proxies.clone());
    let serving = tokio::spawn(async move { connections::serve_within(caps, &trusted, listener, router, until).await });
    signal().await;
    tracing::info!("stopping: finishing what has begun");
    vestibule.stop();
    stop.send_replace(true);
    let _ = tokio::time::timeout(DRAIN, async { tokio::join!(serving, working) }).await;
    Ok(())
}

/// How many connections there may be: as many as there can be files, once the limit on those is raised.
fn connection_caps() -> Caps {
    let files = connections::raise_file_limit();
    let caps = Caps::for_files(files);
    let (most, most_by_address) = (caps.total, caps.by_address);
    tracing::info!(files, most, most_by_address, "So many files may be open, and so many connections");
    caps
}

/// Where it is, and at the first start the link that makes the first owner.
async fn greet(vestibule: &Vestibule, address: SocketAddr) -> Result<(), Failed> {
    let settings = vestibule.settings();
    println!("Vestibule is at {} (listening on {address})", settings.public_url);
    if !PublicUrl::new(&settings.public_url).keeps_secure_cookies() {
        println!(
            "It is reached without https, so anybody on the way can read sessions. Put a proxy with https before it."
        );
    }
    if !vestibule.has_mail_server() {
        println!(
            "No mail server is set up: no mail is sent, and addresses can't be proved. Set VESTIBULE_SMTP_URL to send it."
        );
    }
    if !settings.webhook_allow_subnets.is_empty() {
        let subnets = settings.webhook_allow_subnets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        println!("Webhooks may go to networks that are not public: {subnets} (webhook_allow_subnets).");
    }
    if vestibule.needs_set_up().await? {
        println!("\nOpen this link once to make the first owner:\n\n  {}\n", vestibule.set_up_url());
    }
    Ok(())
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// At a limit on file sizes the kernel would kill the process; ignored, the write fails and is answered.
fn ignore_file_size_signal() {
    #[cfg(unix)]
    if let Ok(mut signals) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(libc::SIGXFSZ)) {
        tokio::spawn(async move { while signals.recv().await.is_some() {} });
    }
}
