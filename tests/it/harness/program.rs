//! The real program, as an operator starts it.

use super::{Client, Database, Exposition, app::database_in};
use std::{fs::File, path::Path, path::PathBuf, process::ExitStatus, time::Duration};
use tempfile::TempDir;
use tokio::process::{Child, Command};

pub struct Program {
    child: Running,
    /// Holds what it says, and its data where the settings name no other place.
    folder: TempDir,
    database_url: String,
}

/// A process that is gone, and holds nothing any more, when this is dropped: what is started next finds its place free.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.start_kill();
        // a second at most: one that is stopped by a debugger does not end
        for _ in 0..1_000 {
            match self.0.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Ok(Some(_)) | Err(_) => return,
            }
        }
    }
}

/// The program: the one that was built with the tests, or the one that is named, like that of a release.
pub fn binary() -> PathBuf {
    std::env::var_os("TEST_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_vestibule").into(), PathBuf::from)
}

/// `vestibule serve` on a free port, after what a shell does first: it may set limits, as a service manager does.
fn command(first: &str, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{first}\nexec \"$0\" serve")).arg(binary());
    command.env("VESTIBULE_LISTEN", "127.0.0.1:0").envs(settings.iter().copied()).kill_on_drop(true);
    command
}

impl Program {
    /// With these settings; where they name no folder for data, in one of its own.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), settings)
    }

    /// With a database of its own.
    pub async fn start_on(database: Database, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database_in(&folder, database).await;
        Self::start_in(folder, &[settings, &[("VESTIBULE_DATABASE_URL", &url)]].concat())
    }

    /// After what a shell does first, like `ulimit -n 256`.
    pub fn start_after(first: &str, settings: &[(&str, &str)]) -> Self {
        Self::spawn(first, tempfile::tempdir().unwrap(), settings)
    }

    /// Ends it if it runs, and starts it again where it was.
    pub async fn start_again(mut self, settings: &[(&str, &str)]) -> Self {
        _ = self.child.0.kill().await;
        Self::start_in(self.folder, settings)
    }

    fn start_in(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        Self::spawn(":", folder, settings)
    }

    fn spawn(first: &str, folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let data = folder.path().display().to_string();
        let settings = [&[("VESTIBULE_DATA_DIR", data.as_str())], settings].concat();
        let file = |name| File::create(folder.path().join(name)).unwrap();
        let database_url = settings.iter().rev().find(|(name, _)| *name == "VESTIBULE_DATABASE_URL");
        let database_url = database_url.map_or("", |(_, url)| url).to_owned();
        let child = command(first, &settings).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        Self { child: Running(child), folder, database_url }
    }

    /// Of its process.
    pub fn id(&self) -> u32 {
        self.child.0.id().expect("it runs")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All that it has said so far, to standard output and to standard error.
    pub fn output(&self) -> (String, String) {
        let text = |name| String::from_utf8(std::fs::read(self.path(name)).unwrap()).unwrap();
        (text("stdout"), text("stderr"))
    }

    /// The part of its standard output that lies between these, once it is there.
    pub async fn says_between(&self, before: &str, after: &str) -> String {
        let mut found = String::new();
        until("the program’s greeting", async || {
            let (said, _) = self.output();
            let part = said.split_once(before).and_then(|(_, rest)| rest.split_once(after));
            found = part.map(|(part, _)| part.to_owned()).unwrap_or_default();
            !found.is_empty()
        })
        .await;
        found
    }

    /// Where it listens: `127.0.0.1:port`.
    pub async fn address(&self) -> String {
        self.says_between("listening on ", ")").await
    }

    /// The page with its metrics, where `VESTIBULE_METRICS_LISTEN` says that there is one.
    pub async fn metrics_page(&self) -> String {
        let url = self.says_between("Metrics are at ", "\n").await;
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        answer.text().await.unwrap()
    }

    /// Its metrics.
    pub async fn metrics(&self) -> Exposition {
        Exposition::read(&self.metrics_page().await)
    }

    /// The address of its database, where the settings name one.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// A browser at its door.
    pub async fn client(&self) -> Client {
        Client::of(format!("http://{}", self.address().await))
    }

    /// In the middle of whatever it does.
    pub async fn kill(&mut self) {
        self.child.0.kill().await.unwrap();
    }

    /// As service managers stop it.
    pub async fn terminate(&self) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    }

    pub async fn ended(&mut self) -> ExitStatus {
        self.child.0.wait().await.unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Looks again and again, as there is nothing that tells.
pub async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} has not happened within 30 seconds");
}
