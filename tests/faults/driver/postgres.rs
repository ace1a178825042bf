//! A PostgreSQL server of a scene's own, which may be frozen, killed and started again, and whose log can be read.

use super::{Process, free_port, signal};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use tokio::process::Command;

pub struct PostgresServer {
    folder: TempDir,
    port: u16,
}

fn bin() -> PathBuf {
    std::env::var_os("TEST_POSTGRES_BIN").expect("scripts/faults says where PostgreSQL’s programs are").into()
}

/// Whoever is root may not run it; Debian's package makes this user.
fn as_server(program: &str) -> Command {
    let program = bin().join(program);
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

async fn run(command: &mut Command) {
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

impl PostgresServer {
    /// A fresh one that keeps what it acknowledges, as operators run it.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// With more lines for its `postgresql.conf`.
    pub async fn start_with(lines: &str) -> Self {
        let server = Self { folder: folder(), port: free_port() };
        let mut initdb = as_server("initdb");
        run(initdb.arg("-D").arg(server.data()).args([
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]))
        .await;
        server.configure(&format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 200\n\
             log_line_prefix = '%m %e '\nwal_level = replica\nmax_wal_senders = 4\n{lines}",
            server.port
        ));
        server.start_again().await;
        server
    }

    /// A standby of this one, which waits from now on until the standby has written down what it acknowledges.
    /// Returns nothing where the program that copies a server is missing.
    pub async fn standby(&self) -> Option<Self> {
        if !bin().join("pg_basebackup").exists() {
            return None;
        }
        let standby = Self { folder: folder(), port: free_port() };
        let mut copy = as_server("pg_basebackup");
        copy.arg("-D").arg(standby.data()).args([
            "-h",
            "127.0.0.1",
            "-U",
            "postgres",
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
        ]);
        run(copy.arg("-p").arg(self.port.to_string())).await;
        standby.configure(&format!("port = {}", standby.port));
        standby.start_again().await;
        self.execute("postgres", "alter system set synchronous_standby_names = '*'").await;
        self.execute("postgres", "select pg_reload_conf()").await;
        Some(standby)
    }

    /// Lets this role in by its password alone, from now on.
    pub async fn ask_for_passwords_of(&self, role: &str) {
        let path = self.data().join("pg_hba.conf");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("host all {role} 127.0.0.1/32 scram-sha-256\n{text}")).unwrap();
        self.execute("postgres", "select pg_reload_conf()").await;
    }

    /// Makes a standby the one that is written to.
    pub async fn promote(&self) {
        run(as_server("pg_ctl").arg("-D").arg(self.data()).args(["-w", "promote"])).await;
    }

    /// Where it listens: `127.0.0.1:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// More lines for its `postgresql.conf`, which it reads when it starts.
    fn configure(&self, lines: &str) {
        let path = self.data().join("postgresql.conf");
        let text = fs::read_to_string(&path).unwrap() + lines + "\n";
        fs::write(&path, text).unwrap();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub async fn start_again(&self) {
        let mut start = as_server("pg_ctl");
        start
            .arg("-D")
            .arg(self.data())
            .arg("-l")
            .arg(self.folder.path().join("log"))
            .args(["-w", "-t", "60", "start"]);
        // its outputs are the server's as well, and would never end
        let null = std::process::Stdio::null;
        let status = start.stdout(null()).stderr(null()).status().await.unwrap();
        assert!(status.success(), "{}", self.log());
    }

    /// As when its machine loses power.
    pub async fn kill(&self) {
        run(as_server("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"])).await;
    }

    /// Stops every one of its processes where it is.
    pub fn freeze(&self) {
        signal("STOP", &self.process().family());
    }

    pub fn thaw(&self) {
        signal("CONT", &self.process().family());
    }

    fn process(&self) -> Process {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        Process(text.lines().next().unwrap().trim().parse().unwrap())
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join("log")).unwrap_or_default()).into_owned()
    }

    /// The address of a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// The address of an empty database of its own.
    pub async fn database(&self) -> String {
        let name = format!("v{:x}", rand::random::<u64>());
        self.execute("postgres", &format!("create database {name}")).await;
        self.url(&name)
    }

    /// The address of an empty database whose tables are in this folder.
    pub async fn database_on(&self, folder: &Path) -> String {
        give_to_server(folder);
        let name = format!("v{:x}", rand::random::<u64>());
        self.execute("postgres", &format!("create tablespace {name} location '{}'", folder.display())).await;
        self.execute("postgres", &format!("create database {name} tablespace {name}")).await;
        self.url(&name)
    }

    pub async fn execute(&self, database: &str, sql: &str) {
        use sqlx::Connection;
        let mut connection = sqlx::PgConnection::connect(&self.url(database)).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            let family = self.process().family();
            signal("KILL", &family);
        }
        // its files are another user's, and temporary folders are removed only by who may
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    give_to_server(folder.path());
    folder
}

/// The server's user must be able to write there.
fn give_to_server(folder: &Path) {
    if rustix::process::geteuid().is_root() {
        assert!(std::process::Command::new("chown").arg("postgres").arg(folder).status().unwrap().success());
    }
}
