use tempfile::TempDir;

use super::*;
use crate::ErrorCode;

fn task() -> Use {
    of(Task::new("eu-central-1_Pool", false))
}

fn of(task: Task) -> Use {
    Use { task, go_on: false }
}

fn continuing() -> Use {
    Use { go_on: true, ..task() }
}

/// Opens a journal that was closed. Another test of this process may have started a program while it was open. Until that
/// program replaces this one (from fork to exec), it has the lock too.
fn open(path: &Path, with: &Use) -> Result<Journal, AdminError> {
    let started = std::time::Instant::now();
    loop {
        match Journal::open(path, with) {
            Err(AdminError::Journal {
                problem: JournalProblem::InUse { .. },
                ..
            }) if started.elapsed() < Duration::from_secs(5) => std::thread::sleep(Duration::from_millis(5)),
            opened => return opened,
        }
    }
}

#[track_caller]
fn problem(refused: Result<Journal, AdminError>) -> JournalProblem {
    match refused {
        Err(AdminError::Journal { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    (folder, path)
}

fn line(username: &str, outcome: &'static str) -> Line {
    Line {
        username: username.to_owned(),
        outcome,
    }
}

fn left(path: &Path, users: &[&str]) -> Vec<String> {
    let mut users = users.iter().map(|user| (*user).to_owned()).collect();
    remove_done(&File::open(path).unwrap(), &mut users).unwrap();
    let mut left: Vec<_> = users.into_iter().collect();
    left.sort();
    left
}

#[test]
fn users_who_are_done_are_removed_and_users_who_failed_are_not() {
    let (_folder, path) = folder();
    let mut journal = open(&path, &task()).unwrap();
    let odd = "ö\"\\n{}";
    journal
        .add(&[line("ana", DONE), line("bob", "throttled"), line(odd, DONE)])
        .unwrap();
    assert_eq!(left(&path, &["ana", "bob", "cy", odd]), ["bob", "cy"]);
    journal.add(&[line("bob", DONE)]).unwrap();
    assert_eq!(left(&path, &["ana", "bob", "cy"]), ["cy"]);
}

#[test]
fn a_journal_cut_at_any_byte_is_continued_and_nobody_counts_as_done_who_is_not() {
    let (_folder, path) = folder();
    let mut journal = open(&path, &task()).unwrap();
    journal.add(&[line("ana", DONE), line("bob", DONE)]).unwrap();
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut journal = open(&path, &task()).unwrap();
        let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
        let expected: &[&str] = match lines {
            // The first line, and the line that the run wrote when it began.
            0..=2 => &["ana", "bob"],
            _ => &["bob"],
        };
        assert_eq!(left(&path, &["ana", "bob"]), expected, "{cut}");
        journal.add(&[line("ana", DONE), line("bob", DONE)]).unwrap();
        assert!(left(&path, &["ana", "bob"]).is_empty(), "{cut}");
    }
}

#[test]
fn a_journal_of_another_task_or_another_file_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    drop(open(&path, &task()).unwrap());
    for other in [
        Task::new("eu-central-1_Other", false),
        Task::new("eu-central-1_Pool", true),
    ] {
        assert_eq!(problem(open(&path, &of(other))), JournalProblem::OtherTask);
    }
    let header = serde_json::to_string(&task().task).unwrap();
    for other in [
        "ana\nbob\n".to_owned(),
        "ana".to_owned(),
        "{\"a\":1}\n".to_owned(),
        "{\"a\":1}".to_owned(),
        format!("{header},"),
        serde_json::to_string(&Task::new("eu-central-1_Other", false)).unwrap(),
        "x".repeat(100_000),
        format!("{header}\n{}", "x".repeat(100_000)),
    ] {
        std::fs::write(&path, &other).unwrap();
        assert_eq!(open(&path, &task()).unwrap_err().code().as_str(), "journal", "{other}");
        assert_eq!(
            Journal::check(&path, &task()).unwrap_err().code().as_str(),
            "journal",
            "{other}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), other);
    }
}

#[test]
fn checking_a_journal_does_not_change_it() {
    let (_folder, path) = folder();
    Journal::check(&path, &task()).unwrap();
    assert!(!path.exists());
    let mut journal = open(&path, &task()).unwrap();
    journal.add(&[line("ana", DONE)]).unwrap();
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        assert!(Journal::check(&path, &task()).unwrap().is_some());
        assert_eq!(std::fs::read(&path).unwrap(), whole[..cut]);
    }
}

#[test]
fn a_journal_in_use_is_refused_and_the_error_names_the_other_run() {
    let (_folder, path) = folder();
    let first = open(&path, &task()).unwrap();
    let refused = problem(Journal::open(&path, &task()));
    let JournalProblem::InUse { process, since } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(process, Some(std::process::id()));
    assert!(since.unwrap().elapsed().unwrap() < Duration::from_secs(60));
    drop(first);
    open(&path, &task()).unwrap();
}

#[test]
fn a_journal_whose_run_signed_everyone_out_is_continued_only_on_request() {
    let (_folder, path) = folder();
    let mut journal = open(&path, &task()).unwrap();
    assert_eq!(journal.begun, None);
    journal.add(&[line("ana", DONE)]).unwrap();
    journal.finish().unwrap();
    drop(journal);
    let finished = std::fs::read(&path).unwrap();
    assert!(matches!(problem(open(&path, &task())), JournalProblem::Finished { .. }));
    assert!(matches!(
        Journal::check(&path, &task()),
        Err(AdminError::Journal { .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), finished);
    let journal = open(&path, &continuing()).unwrap();
    assert!(journal.begun.unwrap().elapsed().unwrap() < Duration::from_secs(60));
    drop(journal);
    // That run has not finished.
    open(&path, &task()).unwrap();
}

#[test]
fn a_journal_begun_more_than_a_day_ago_is_continued_only_on_request() {
    let (_folder, path) = folder();
    let header = |begun: SystemTime| Header {
        task: task().task,
        begun: Some(date(begun)),
    };
    for (hours, is_old) in [(23, false), (25, true)] {
        let begun = SystemTime::now() - Duration::from_secs(hours * 60 * 60);
        let header = serde_json::to_string(&header(begun)).unwrap();
        std::fs::write(&path, format!("{header}\n")).unwrap();
        match open(&path, &task()) {
            Ok(_) => assert!(!is_old),
            refused => assert!(is_old && matches!(problem(refused), JournalProblem::Old { .. })),
        }
        open(&path, &continuing()).unwrap();
    }
}

#[test]
fn a_journal_of_the_first_version_is_read_and_dated_by_its_last_change() {
    let (_folder, path) = folder();
    let header = serde_json::to_string(&task().task).unwrap();
    let text = format!("{header}\n{{\"username\":\"ana\",\"outcome\":\"signed_out\"}}\n");
    std::fs::write(&path, text).unwrap();
    let journal = open(&path, &task()).unwrap();
    assert!(journal.begun.is_some());
    assert_eq!(left(&path, &["ana", "bob"]), ["bob"]);
    drop(journal);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() - 2 * OLD).unwrap();
    assert!(matches!(problem(open(&path, &task())), JournalProblem::Old { .. }));
}

#[test]
fn reading_meanwhile_does_not_move_where_lines_are_written() {
    let (_folder, path) = folder();
    let mut journal = open(&path, &task()).unwrap();
    let reader = journal.reader().unwrap();
    for (done, left) in [("ana", &["bob", "cy"][..]), ("bob", &["cy"])] {
        journal.add(&[line(done, DONE)]).unwrap();
        let mut users = ["ana", "bob", "cy"].map(str::to_owned).into();
        remove_done(&reader, &mut users).unwrap();
        assert_eq!(users, left.iter().map(|left| (*left).to_owned()).collect());
    }
}

#[cfg(unix)]
#[test]
fn a_journal_that_others_could_have_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    drop(open(&path, &task()).unwrap());
    let whole = std::fs::read(&path).unwrap();
    for mode in [0o602, 0o620, 0o666] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        assert_eq!(problem(open(&path, &task())), JournalProblem::NotOurs, "{mode:o}");
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(problem(open(&link, &task())), JournalProblem::NotOurs);
    // A file of another user that exists everywhere.
    if !rustix::process::geteuid().is_root() {
        assert!(!file::is_ours(&std::fs::metadata("/etc/passwd").unwrap()));
    }
    open(&path, &task()).unwrap();
}

#[test]
fn a_missing_folder_is_noticed_before_the_run() {
    let (folder, _) = folder();
    let path = folder.path().join("none").join("journal");
    assert_eq!(problem(open(&path, &task())), JournalProblem::Io(ErrorKind::NotFound));
    assert_eq!(Journal::check(&path, &task()).unwrap_err().code(), ErrorCode::Journal);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = folder();
    drop(open(&path, &task()).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
