//! What it keeps is for nobody else on the machine to read.

use super::set_up;
use crate::harness::{PASSWORD, Program, program::until};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const FILES: [&str; 4] = ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm", "secret.key"];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Invites somebody, and waits until the mail lies in the folder.
async fn mails(program: &Program, mail: &Path) {
    let ada = set_up(program, PASSWORD).await;
    let page = ada.get("/o/saltmarsh/invitations/new").await;
    let (_, rest) = page.text.split_once("name=\"role_ids\" value=\"").unwrap();
    let fields = [("recipients", "grace@example.com"), ("role_ids", rest.split('"').next().unwrap())];
    assert_eq!(ada.post("/o/saltmarsh/invitations/new", &fields).await.status, 303);
    until("the mail", async || letters(mail).len() == 1).await;
}

fn letters(mail: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(mail).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_umask_folders_and_files_are_made_for_their_owner_alone() {
    for umask in ["umask 022", "umask 000"] {
        let outer = tempfile::tempdir().unwrap();
        let (data, mail) = (outer.path().join("srv/data"), outer.path().join("mail"));
        let settings = [
            ("VESTIBULE_DATA_DIR", data.display().to_string()),
            ("VESTIBULE_MAIL_DIR", mail.display().to_string()),
            ("VESTIBULE_PUBLIC_URL", "http://localhost:3000".to_owned()),
        ];
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        let program = Program::start_after(umask, &settings);
        mails(&program, &mail).await;
        assert_eq!((mode(&data), mode(&mail)), (0o700, 0o700), "{umask}");
        for file in FILES.map(|name| data.join(name)).iter().chain(&letters(&mail)) {
            assert_eq!(mode(file), 0o600, "{umask}: {}", file.display());
        }
        assert!(!program.output().1.contains("Others had access"), "{}", program.output().1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_could_read_is_closed_at_the_start_and_that_is_said() {
    let outer = tempfile::tempdir().unwrap();
    let (data, mail) = (outer.path().join("data"), outer.path().join("mail"));
    let settings = [
        ("VESTIBULE_DATA_DIR", data.display().to_string()),
        ("VESTIBULE_MAIL_DIR", mail.display().to_string()),
        ("VESTIBULE_PUBLIC_URL", "http://localhost:3000".to_owned()),
    ];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut program = Program::start(&settings);
    mails(&program, &mail).await;
    program.kill().await;
    let foreign = data.join("notes.txt");
    fs::write(&foreign, "somebody else's").unwrap();
    let files: Vec<_> = FILES.map(|name| data.join(name)).into_iter().chain(letters(&mail)).collect();
    for file in files.iter().chain([&foreign]) {
        set_mode(file, 0o644);
    }
    set_mode(&data, 0o755);
    set_mode(&mail, 0o755);
    let program = program.start_again(&settings).await;
    program.address().await;
    assert_eq!((mode(&data), mode(&mail)), (0o700, 0o700));
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    assert_eq!(mode(&foreign), 0o644, "that is not ours");
    let (_, said) = program.output();
    assert!(said.matches("Others had access to this").count() >= 6, "{said}");
    assert!(said.contains("secret.key"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_may_be_somebody_elses_is_left_and_that_is_said() {
    let outer = tempfile::tempdir().unwrap();
    let data = outer.path().join("shared");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("notes.txt"), "somebody else's").unwrap();
    set_mode(&data, 0o755);
    let program = Program::start(&[("VESTIBULE_DATA_DIR", data.to_str().unwrap())]);
    program.address().await;
    assert_eq!(mode(&data), 0o755);
    let (_, said) = program.output();
    assert!(said.contains("Others have access to this") && said.contains("shared"), "{said}");
    for file in ["vestibule.db", "secret.key"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}
