//! HAProxy, with the files that operators are given; only the addresses are the scene's.

use std::{fs, path::PathBuf, process::Stdio};
use tempfile::TempDir;
use tokio::process::{Child, Command};

pub struct Proxy {
    _child: Child,
    _folder: TempDir,
    /// Where it listens: `127.0.0.1:port`.
    pub address: String,
}

impl Proxy {
    /// Starts it with a file of `deploy/`, before these servers. Returns nothing where there is no HAProxy.
    pub fn start(file: &str, servers: &[String]) -> Option<Self> {
        let (folder, address) = (tempfile::tempdir().unwrap(), format!("127.0.0.1:{}", free_port()));
        let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
        let text = adapted(&fs::read_to_string(shipped).unwrap(), &address, servers);
        let path = folder.path().join("haproxy.cfg");
        fs::write(&path, text).unwrap();
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(path).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().ok()?;
        Some(Self { _child: child, _folder: folder, address })
    }
}

fn adapted(text: &str, address: &str, servers: &[String]) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        match line.trim_start() {
            bind if bind.starts_with("bind ") => lines.push(format!("    bind {address}")),
            server if server.starts_with("server ") => {}
            _ => lines.push(line.to_owned()),
        }
    }
    // the servers are the last lines of the file
    lines.extend(servers.iter().enumerate().map(|(n, server)| format!("    server s{n} {server}")));
    lines.join("\n") + "\n"
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
