//! Clients that each send the next request when the last is answered, and what that took the server.

use super::prepare::Request;
use reqwest::{Client, Method, redirect::Policy};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A server in a process of its own, which ends with this.
pub struct Server {
    process: Child,
    url: String,
}

/// What to send, and how.
pub struct Load {
    /// Each is sent once, in order.
    pub requests: Vec<Request>,
    pub clients: usize,
    pub limit: Duration,
}

/// What a request took.
pub struct Figures {
    /// CPU of the server, in microseconds.
    pub cpu: f64,
    pub per_second: f64,
    /// In milliseconds.
    pub p50: f64,
    pub p99: f64,
    /// The most memory that the server has had, in MiB.
    pub memory: f64,
}

impl Server {
    /// Starts the program on a free port, with this folder, and waits until it answers.
    pub async fn start(program: &Path, arguments: &[&str], folder: &Path) -> Self {
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let process = Command::new(program)
            .args(arguments)
            .env("VESTIBULE_LISTEN", address.to_string())
            .env("VESTIBULE_DATA_DIR", folder)
            .env("VESTIBULE_INVITATIONS_PER_HOUR", "4000000000")
            .env("VESTIBULE_API_REQUESTS_PER_MINUTE", "4000000000")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, url: format!("http://{address}") };
        while reqwest::get(format!("{}/healthz", server.url)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server
    }

    /// Returns the CPU that the process has used, in microseconds.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // user and system time are the 14th and 15th, and the name before them may have spaces
        let fields: Vec<f64> =
            stat[stat.rfind(')').unwrap() + 2..].split(' ').map(|field| field.parse().unwrap_or(0.0)).collect();
        (fields[11] + fields[12]) * 1_000_000.0 / rustix::param::clock_ticks_per_second() as f64
    }

    /// Returns the most memory that the process has had, in MiB.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

impl Load {
    pub async fn run(self, server: &Server) -> Figures {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let (requests, next) = (Arc::new(self.requests), Arc::new(AtomicUsize::new(0)));
        let (before, begun) = (server.cpu(), Instant::now());
        let mut clients = Vec::new();
        for _ in 0..self.clients {
            let (client, url) = (client.clone(), server.url.clone());
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            clients.push(tokio::spawn(async move {
                let mut times = Vec::new();
                while begun.elapsed() < self.limit
                    && let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    times.push(request.timed(&client, &url).await);
                }
                times
            }));
        }
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.await.unwrap());
        }
        let (cpu, took) = (server.cpu() - before, begun.elapsed().as_secs_f64());
        times.sort();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
        let count = times.len() as f64;
        Figures { cpu: cpu / count, per_second: count / took, p50: at(50), p99: at(99), memory: server.memory() }
    }
}

impl Request {
    /// Sends the request, and returns how long it took until the whole answer was there. Stops at an unexpected one.
    async fn timed(&self, client: &Client, url: &str) -> Duration {
        let method = if self.body.is_some() { Method::POST } else { Method::GET };
        let mut request = client.request(method, format!("{url}{}", self.path));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        let begun = Instant::now();
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let took = begun.elapsed();
        assert!(matches!(status, 200..=303), "{} answered {status}: {text}", self.path);
        took
    }
}
