//! A wire between a program and a PostgreSQL server, which fails when it is told to.

use futures::FutureExt;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

/// What becomes of a message that the program sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The connection is cut, and the server never hears it.
    Before,
    /// The server hears it and answers; the connection is cut, and the program never hears that.
    After,
    /// It arrives so much later.
    Late(Duration),
}

#[derive(Default)]
struct Plan {
    /// The strike, and how many messages are left until it.
    next: Mutex<Option<(Strike, u32)>>,
    struck: Notify,
    is_frozen: watch::Sender<bool>,
}

pub struct Wire {
    /// Where it begins: `127.0.0.1:port`.
    pub address: String,
    plan: Arc<Plan>,
}

impl Wire {
    /// To the server at this address.
    pub async fn to(server: &str) -> Self {
        let server: SocketAddr = server.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, plan) = (listener.local_addr().unwrap().to_string(), Arc::new(Plan::default()));
        let shared = Arc::clone(&plan);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let plan = Arc::clone(&shared);
                tokio::spawn(async move {
                    _ = client.set_nodelay(true);
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    _ = server.set_nodelay(true);
                    _ = carry(client, server, &plan).await;
                });
            }
        });
        Self { address, plan }
    }

    /// Nothing passes from now on, as if every process of the server had been stopped; new connections are taken, and
    /// nobody speaks.
    pub fn freeze(&self) {
        self.plan.is_frozen.send_replace(true);
    }

    pub fn thaw(&self) {
        self.plan.is_frozen.send_replace(false);
    }

    /// The n-th message from now on, counted from 1, is struck; all others pass.
    pub fn arm(&self, n: u32, strike: Strike) {
        // what nobody has waited for is of the time before
        _ = self.struck().now_or_never();
        *self.plan.next() = Some((strike, n));
    }

    /// All messages pass from now on. Returns whether one was struck since [`Wire::arm`].
    pub fn disarm(&self) -> bool {
        self.plan.next().take().is_none()
    }

    /// Returns when a message is struck.
    pub async fn struck(&self) {
        self.plan.struck.notified().await;
    }
}

impl Plan {
    fn next(&self) -> MutexGuard<'_, Option<(Strike, u32)>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when something may pass.
    async fn passes(&self) {
        _ = self.is_frozen.subscribe().wait_for(|is_frozen| !is_frozen).await;
    }

    /// What becomes of this message.
    fn of(&self, message: &[u8]) -> Option<Strike> {
        if !is_request(message) {
            return None;
        }
        let mut next = self.next();
        let (strike, left) = next.take()?;
        if left > 1 {
            *next = Some((strike, left - 1));
            return None;
        }
        Some(strike)
    }
}

/// Whether an answer is waited for after this: it is a query, or ends with Sync. What begins a connection is neither.
fn is_request(message: &[u8]) -> bool {
    message.first() == Some(&b'Q') || message.ends_with(&[b'S', 0, 0, 0, 4])
}

/// Until either side ends, or a message is struck.
async fn carry(mut client: TcpStream, mut server: TcpStream, plan: &Plan) -> std::io::Result<()> {
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let message = &from_client[..read?];
                plan.passes().await;
                if message.is_empty() {
                    return Ok(());
                }
                match plan.of(message) {
                    None => server.write_all(message).await?,
                    Some(strike) => {
                        let goes_on = struck(strike, message, &mut server).await;
                        plan.struck.notify_one();
                        if !goes_on? {
                            return Ok(());
                        }
                    }
                }
            }
            read = server.read(&mut from_server) => match read? {
                0 => return Ok(()),
                read => {
                    plan.passes().await;
                    client.write_all(&from_server[..read]).await?;
                }
            },
        }
    }
}

/// Returns whether the connection goes on.
async fn struck(strike: Strike, message: &[u8], server: &mut TcpStream) -> std::io::Result<bool> {
    match strike {
        Strike::Before => Ok(false),
        Strike::After => {
            server.write_all(message).await?;
            server.read(&mut [0; 1 << 16]).await?;
            Ok(false)
        }
        Strike::Late(by) => {
            tokio::time::sleep(by).await;
            server.write_all(message).await?;
            Ok(true)
        }
    }
}
