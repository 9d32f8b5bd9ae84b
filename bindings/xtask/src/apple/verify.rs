//! What must be true of a library before it is released.

use std::path::Path;

use super::framework::{Linked, NAME, PRIVACY, install_name};
use super::macho::{Facts, facts};
use crate::face::Face;
use crate::files::{contains, read, text};

/// Whose libraries ours may load: those that each system has.
const SYSTEM: &[&str] = &["/System/Library/Frameworks/", "/usr/lib/"];

/// Functions for which Apple wants a reason that our privacy manifest does not give. It gives one for the times of files.
#[rustfmt::skip] // A table: one kind in a line.
const WITHOUT_A_REASON: &[&str] = &[
    "_mach_absolute_time",
    "_statfs", "_fstatfs", "_statvfs", "_fstatvfs", "_getattrlist", "_fgetattrlist", "_getattrlistat",
];

/// An error that lists all that is wrong with a slice's library, or with what a debugger needs to know of it. Its code is in
/// the folder or file `source`.
pub(crate) fn verify(face: Face, linked: &Linked, header: &Path, source: &str) -> Result<(), String> {
    let functions = functions(face, &text(header)?);
    let facts = facts(&read(&linked.library)?)?;
    let mut wrong: Vec<_> = facts
        .iter()
        .flat_map(|facts| faults(face, linked, facts, &functions))
        .collect();
    let processors: Vec<_> = facts.iter().map(|facts| facts.processor).collect();
    let expected: Vec<_> = linked
        .slice
        .processors
        .iter()
        .map(|(processor, _)| *processor)
        .collect();
    if processors != expected {
        wrong.push(format!("it is for {processors:?} instead of {expected:?}"));
    }
    wrong.extend(faults_of_symbols(linked, &facts, source)?);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{}:\n- {}", linked.library.display(), wrong.join("\n- ")))
}

/// The functions that the C header declares, as the linker names them.
fn functions(face: Face, header: &str) -> Vec<String> {
    let names = header.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '(');
    names
        .filter_map(|word| word.split_once('(').map(|(name, _)| name))
        .filter(|name| face.has(name))
        .map(|name| format!("_{name}"))
        .collect()
}

fn faults(face: Face, linked: &Linked, facts: &Facts, functions: &[String]) -> Vec<String> {
    let slice = linked.slice;
    let variant = slice.variant.map(|variant| format!("-{variant}")).unwrap_or_default();
    let system = format!("{}{variant} {}", slice.platform, slice.oldest.version);
    let mut wrong = Vec::new();
    for (what, is, should) in [
        ("system", &facts.system, &system),
        ("install name", &facts.install_name, &install_name(slice)),
    ] {
        if is != should {
            wrong.push(format!("its {what} is {is} instead of {should}"));
        }
    }
    let foreign = facts
        .loads
        .iter()
        .filter(|name| !SYSTEM.iter().any(|folder| name.starts_with(folder)));
    wrong.extend(foreign.map(|name| format!("it loads {name}, which is not of the system")));
    let is_ours = |symbol: &str| symbol.strip_prefix('_').is_some_and(|name| face.has(name));
    let strays = facts.exported.iter().filter(|symbol| !is_ours(symbol));
    wrong.extend(strays.map(|symbol| format!("it exports {symbol}")));
    let lost = functions.iter().filter(|function| !facts.exported.contains(function));
    wrong.extend(lost.map(|function| format!("it does not export {function}, which the header declares")));
    // On Intel's processors, some names have an ending: `_statfs$INODE64`.
    let called = facts.imported.iter().filter_map(|(symbol, _)| symbol.split('$').next());
    let called = called.filter(|symbol| WITHOUT_A_REASON.contains(symbol));
    wrong.extend(called.map(|symbol| format!("it uses {symbol}, for which {PRIVACY} gives no reason")));
    if functions.is_empty() {
        wrong.push("the header declares no function".into());
    }
    if !facts.is_for_extensions {
        wrong.push("it is not for app extensions".into());
    }
    wrong
}

fn faults_of_symbols(linked: &Linked, facts: &[Facts], source: &str) -> Result<Vec<String>, String> {
    let file = linked.symbols.join("Contents/Resources/DWARF").join(NAME);
    let content = read(&file)?;
    let mut wrong = Vec::new();
    let uuids = |facts: &[Facts]| facts.iter().map(|facts| facts.uuid).collect::<Vec<_>>();
    if uuids(&self::facts(&content)?) != uuids(facts) {
        wrong.push("the debugger's symbols are those of another library".to_owned());
    }
    if !contains(&content, source.as_bytes()) {
        wrong.push(format!("the debugger's symbols name no line in {source}"));
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::slice::SLICES;
    use super::*;

    const HEADER: &str = "
        typedef void (*UniffiForeignFutureDroppedCallback)(uint64_t);
        uint64_t uniffi_cognito_signout_fn_clone_auth(uint64_t handle, RustCallStatus *_Nonnull out_status
        );
        uint32_t ffi_cognito_signout_uniffi_contract_version(void
        );";

    fn linked() -> Linked {
        Linked {
            slice: &SLICES[0],
            library: PathBuf::new(),
            symbols: PathBuf::new(),
        }
    }

    fn good() -> Facts {
        Facts {
            processor: "arm64",
            system: "ios 15.0".into(),
            install_name: "@rpath/CognitoSignOutFFI.framework/CognitoSignOutFFI".into(),
            loads: vec!["/usr/lib/libSystem.B.dylib".into()],
            exported: functions(Face::UniFfi, HEADER),
            is_for_extensions: true,
            ..Facts::default()
        }
    }

    fn found(change: impl FnOnce(&mut Facts)) -> Vec<String> {
        let mut facts = good();
        change(&mut facts);
        faults(Face::UniFfi, &linked(), &facts, &functions(Face::UniFfi, HEADER))
    }

    #[test]
    fn the_headers_functions_are_found() {
        let names = [
            "_uniffi_cognito_signout_fn_clone_auth",
            "_ffi_cognito_signout_uniffi_contract_version",
        ];
        assert_eq!(functions(Face::UniFfi, HEADER), names);
        let of_c = "typedef void (*cs_callback)(uint64_t context);\nuint32_t cs_abi_version(void);";
        assert_eq!(functions(Face::C, of_c), ["_cs_abi_version"]);
    }

    #[test]
    fn each_fault_is_found() {
        assert_eq!(found(|_| ()), Vec::<String>::new());
        type Change = fn(&mut Facts);
        let cases: [(Change, &str); 7] = [
            (
                |facts| facts.system = "ios 17.0".into(),
                "system is ios 17.0 instead of ios 15.0",
            ),
            (|facts| facts.install_name = "/a".into(), "install name is /a"),
            (
                |facts| facts.loads.push("@rpath/libother.dylib".into()),
                "loads @rpath/libother.dylib",
            ),
            (
                |facts| facts.exported.push("_rust_eh_personality".into()),
                "exports _rust_eh_personality",
            ),
            (
                |facts| facts.exported.truncate(1),
                "does not export _ffi_cognito_signout_uniffi_contract_version",
            ),
            (
                |facts| facts.imported.push(("_statfs$INODE64".into(), String::new())),
                "uses _statfs",
            ),
            (|facts| facts.is_for_extensions = false, "not for app extensions"),
        ];
        for (change, fault) in cases {
            let found = found(change);
            assert!(found.len() == 1 && found[0].contains(fault), "{found:?}");
        }
    }
}
