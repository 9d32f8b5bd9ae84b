//! The vault in `Vault`'s documentation is this text. It is tested because people will copy it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::thread;

// In the documentation the text is a whole program, and begins with its imports.
include!("support/folder_vault.rs");

fn key(client: &str) -> VaultKey {
    VaultKey {
        user_pool_id: "eu-central-1_Example".into(),
        client_id: client.into(),
    }
}

#[test]
fn a_record_is_read_as_it_was_written_until_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, key) = (Folder(folder.path().into()), key("client"));
    assert_eq!(vault.read(&key), Ok(None));
    vault.write(&key, b"old").unwrap();
    vault.write(&key, b"new").unwrap();
    assert_eq!(vault.read(&key).unwrap().unwrap().as_slice(), b"new");
    vault.delete(&key).unwrap();
    vault.delete(&key).unwrap();
    assert_eq!(vault.read(&key), Ok(None));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays behind");
}

#[test]
fn two_app_clients_of_one_user_pool_never_get_each_others_record() {
    let folder = tempfile::tempdir().unwrap();
    let use_it = |client: &str| {
        let (vault, key) = (Folder(folder.path().into()), key(client));
        for _ in 0..300 {
            vault.write(&key, client.as_bytes()).unwrap();
            assert_eq!(vault.read(&key).unwrap().unwrap().as_slice(), client.as_bytes());
        }
    };
    thread::scope(|scope| {
        for client in ["one", "two"] {
            let use_it = &use_it;
            scope.spawn(move || use_it(client));
        }
    });
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_a_record() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    Folder(folder.path().into()).write(&key("client"), b"record").unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
