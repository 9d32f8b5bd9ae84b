//! Signatures by GnuPG, whose format Maven Central asks for. Each is checked by `sqv`, a program by other authors.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::files::{remove, write};
use crate::process::{forget_the_key, output, succeeds_quietly};
use crate::tools::GPG;

/// The armoured secret key, and its passphrase: the names that Maven's own plugin has for them. Neither is ever in an argument,
/// which other users of a machine can read.
pub(crate) const KEY: &str = "MAVEN_GPG_KEY";
pub(crate) const PASSPHRASE: &str = "MAVEN_GPG_PASSPHRASE";

/// How to get a key for the variable.
const EXPORT: &str = "Export one by `gpg --armor --export-secret-keys ID`";

/// The owner of the key that a dry run makes and forgets.
const THROW_AWAY: &str = "Throw-away key of a dry run";

/// A key, in a folder of its own for as long as it is used.
pub(crate) struct Signer {
    home: Home,
    passphrase: String,
}

impl Signer {
    /// With the key in the environment. On GitHub, a secret that nobody has set is an empty variable.
    pub(crate) fn from_environment() -> Result<Self, String> {
        let secret = |name| env::var(name).unwrap_or_default();
        Self::of_a_release(&secret(KEY), secret(PASSPHRASE))
    }

    /// Refuses the key of a dry run. Signs something at once: the builds before the first file to sign take minutes. The passphrase
    /// may be empty, because a key can have none.
    fn of_a_release(key: &str, passphrase: String) -> Result<Self, String> {
        if key.trim().is_empty() {
            return Err(format!("{KEY} is not set, or is empty. {EXPORT}"));
        }
        let signer = Self::new(key, passphrase)?;
        if signer
            .home
            .gpg(&["--with-colons", "--list-secret-keys"], "")?
            .contains(THROW_AWAY)
        {
            return Err(format!(
                "{KEY} has the key of a dry run. A release is signed by its own key"
            ));
        }
        let trial = signer.home.0.join("trial");
        write(&trial, b"trial")?;
        signer.sign(&trial).map_err(|error| {
            format!("{PASSPHRASE} is not the passphrase of the key in {KEY}, or that key cannot sign any more: {error}")
        })?;
        Ok(signer)
    }

    /// With a new key, which nobody has after this.
    pub(crate) fn throw_away() -> Result<Self, String> {
        let (key, passphrase) = made(THROW_AWAY)?;
        Self::new(&key, passphrase)
    }

    fn new(key: &str, passphrase: String) -> Result<Self, String> {
        let home = Home::new()?;
        let no_key = || format!("{KEY} has no OpenPGP secret key. {EXPORT}");
        home.gpg(&["--import"], key).map_err(|_| no_key())?;
        if home.gpg(&["--with-colons", "--list-secret-keys"], "")?.is_empty() {
            return Err(no_key());
        }
        let public = home.gpg(&["--armor", "--export"], "")?;
        write(&home.public_key(), public.as_bytes())?;
        Ok(Self { home, passphrase })
    }

    /// Writes the signature of a file beside it, with the ending `asc`.
    pub(crate) fn sign(&self, file: &Path) -> Result<(), String> {
        let path = file.to_string_lossy();
        self.home
            .gpg(&["--armor", "--yes", "--detach-sign", &path], &self.passphrase)
            .map(drop)
    }

    /// Whether the file beside this one is its signature by this key.
    pub(crate) fn verify(&self, file: &Path) -> Result<(), String> {
        let mut sqv = Command::new("sqv");
        sqv.arg("--keyring").arg(self.home.public_key());
        sqv.arg(signature_of(file)).arg(file);
        match succeeds_quietly(&mut sqv) {
            true => Ok(()),
            false => Err(format!("{} has no valid signature", file.display())),
        }
    }
}

/// A new key of this owner, and its passphrase.
fn made(owner: &str) -> Result<(String, String), String> {
    let home = Home::new()?;
    // Not a secret worth keeping: the key has one so that each dry run shows that a key with a passphrase is read.
    let passphrase = "of a dry run";
    home.gpg(&["--quick-generate-key", owner, "ed25519", "sign", "never"], passphrase)?;
    let key = home.gpg(&["--armor", "--export-secret-keys"], passphrase)?;
    Ok((key, passphrase.to_owned()))
}

fn signature_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".asc");
    name.into()
}

/// GnuPG's folder, which only this user can read. It goes with the program that GnuPG starts for it.
struct Home(PathBuf);

impl Home {
    fn new() -> Result<Self, String> {
        GPG.require()?;
        // Short, because the path of a socket has a limit.
        let folder = output(Command::new("mktemp").args(["--directory", "/tmp/xtask-gpg-XXXXXX"]))?;
        Ok(Self(PathBuf::from(folder)))
    }

    fn public_key(&self) -> PathBuf {
        self.0.join("public.asc")
    }

    /// Runs GnuPG. It reads a passphrase, or a key, from its standard input.
    fn gpg(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut command = Command::new("gpg");
        command
            .args(["--batch", "--quiet", "--no-tty", "--homedir"])
            .arg(&self.0)
            .args(["--pinentry-mode", "loopback"]);
        if !arguments.contains(&"--import") {
            command.args(["--passphrase-fd", "0"]);
        }
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        forget_the_key(&mut command);
        let failed = |error: std::io::Error| format!("gpg: {error}");
        let mut gpg = command.spawn().map_err(failed)?;
        if let Some(mut stdin) = gpg.stdin.take() {
            // GnuPG says itself why it did not read all.
            let _ = stdin.write_all(input.as_bytes());
        }
        let result = gpg.wait_with_output().map_err(failed)?;
        if !result.status.success() {
            return Err(format!("gpg {} failed ({})", arguments.join(" "), result.status));
        }
        String::from_utf8(result.stdout).map_err(|_| "gpg printed no text".into())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let mut kill = Command::new("gpgconf");
        succeeds_quietly(kill.arg("--homedir").arg(&self.0).args(["--kill", "all"]));
        let _ = remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that this key has signed.
    fn signed(signer: &Signer, name: &str) -> PathBuf {
        let file = signer.home.0.join(name);
        write(&file, b"content").unwrap();
        signer.sign(&file).unwrap();
        assert_eq!(signer.verify(&file), Ok(()));
        file
    }

    #[test]
    #[ignore = "needs gpg and sqv"]
    fn a_changed_file_and_the_signature_of_another_key_are_refused() {
        let [one, other] = [(); 2].map(|()| Signer::throw_away().unwrap());
        let file = signed(&one, "file");
        assert!(other.verify(&file).is_err());
        write(&file, b"content, changed").unwrap();
        assert!(one.verify(&file).is_err());
    }

    #[test]
    #[ignore = "needs gpg and sqv"]
    fn a_release_is_signed_by_its_own_key_and_not_by_that_of_a_dry_run() {
        let (key, passphrase) = made("A team <team@example.com>").unwrap();
        signed(&Signer::of_a_release(&key, passphrase).unwrap(), "file");
        let (key, passphrase) = made(THROW_AWAY).unwrap();
        let refused = Signer::of_a_release(&key, passphrase);
        assert!(refused.is_err_and(|error| error.contains("the key of a dry run")));
    }

    fn refused(key: &str, passphrase: &str) -> String {
        Signer::of_a_release(key, passphrase.into()).err().unwrap()
    }

    #[test]
    fn an_empty_key_is_no_key() {
        for key in ["", "\n"] {
            let error = refused(key, "");
            assert!(
                error.starts_with("MAVEN_GPG_KEY is not set, or is empty. Export one"),
                "{error}"
            );
        }
    }

    #[test]
    #[ignore = "needs gpg and sqv"]
    fn a_wrong_passphrase_is_found_at_once_and_is_not_shown() {
        let (key, _) = made("A team <team@example.com>").unwrap();
        for passphrase in ["wrong", ""] {
            let error = refused(&key, passphrase);
            assert!(error.starts_with(PASSPHRASE) && !error.contains("wrong"), "{error}");
        }
    }

    #[test]
    #[ignore = "needs gpg and sqv"]
    fn what_is_no_secret_key_is_refused_and_not_shown() {
        let (key, passphrase) = made("A team <team@example.com>").unwrap();
        let home = Home::new().unwrap();
        home.gpg(&["--import"], &key).unwrap();
        let public = home.gpg(&["--armor", "--export"], &passphrase).unwrap();
        for key in ["a secret", &public] {
            let error = refused(key, &passphrase);
            assert!(
                error.starts_with("MAVEN_GPG_KEY has no OpenPGP secret key. Export one"),
                "{error}"
            );
            assert!(!error.contains(key), "{error}");
        }
    }

    #[test]
    #[ignore = "needs gpg and sqv"]
    fn a_key_without_a_passphrase_signs() {
        let home = Home::new().unwrap();
        home.gpg(
            &[
                "--quick-generate-key",
                "A team <team@example.com>",
                "ed25519",
                "sign",
                "never",
            ],
            "",
        )
        .unwrap();
        let key = home.gpg(&["--armor", "--export-secret-keys"], "").unwrap();
        signed(&Signer::of_a_release(&key, String::new()).unwrap(), "file");
    }

    #[test]
    #[ignore = "needs gpg and sqv"]
    fn nothing_of_a_key_stays() {
        let signer = Signer::throw_away().unwrap();
        let folder = signer.home.0.clone();
        assert!(folder.is_dir());
        drop(signer);
        assert!(!folder.exists());
    }
}
