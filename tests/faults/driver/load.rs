//! Clients that are at work while something breaks.

use super::{Api, Told};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::task::JoinSet;

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// An address that nobody has invited before.
fn fresh() -> String {
    format!("person{}@example.com", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Invites an address that nobody has invited before.
pub async fn invite(api: &Api) -> Told {
    let email = fresh();
    api.invite(&email, &email).await
}

/// Clients that invite until they are told to stop.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: JoinSet<Vec<Told>>,
}

impl Load {
    pub fn start(api: &Api, clients: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut all = JoinSet::new();
        for _ in 0..clients {
            let (api, stop) = (api.clone(), Arc::clone(&stop));
            all.spawn(async move {
                let mut heard = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    heard.push(invite(&api).await);
                }
                heard
            });
        }
        Self { stop, clients: all }
    }

    pub async fn stop(self) -> Vec<Told> {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}
