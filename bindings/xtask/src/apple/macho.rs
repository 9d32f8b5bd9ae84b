//! What a library for Apple's systems says of itself.

use object::read::macho::{FatArch, LoadCommandVariant, MachHeader, MachOFatFile32, MachOFile64};
use object::{Architecture, Endianness, Object, macho};

/// The code for one processor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// As Apple names it.
    pub(crate) processor: &'static str,
    /// The system and its oldest version: `ios 15.0`, `ios-simulator 15.0`.
    pub(crate) system: String,
    pub(crate) install_name: String,
    /// The libraries that it loads.
    pub(crate) loads: Vec<String>,
    pub(crate) exported: Vec<String>,
    /// Symbols of other libraries, each with the library.
    pub(crate) imported: Vec<(String, String)>,
    /// Whether an app extension may load it.
    pub(crate) is_for_extensions: bool,
    pub(crate) uuid: Option<[u8; 16]>,
}

/// One for each processor, in the order of their names.
pub(crate) fn facts(library: &[u8]) -> Result<Vec<Facts>, String> {
    let mut facts = read(library).map_err(|error| format!("not a library for Apple's systems: {error}"))?;
    facts.sort_by_key(|facts| facts.processor);
    Ok(facts)
}

fn read(library: &[u8]) -> object::Result<Vec<Facts>> {
    let Ok(universal) = MachOFatFile32::parse(library) else {
        return Ok(vec![one(library)?]);
    };
    universal.arches().iter().map(|part| one(part.data(library)?)).collect()
}

fn one(library: &[u8]) -> object::Result<Facts> {
    let file = MachOFile64::<Endianness>::parse(library)?;
    let endian = file.endian();
    let mut facts = Facts {
        processor: match file.architecture() {
            Architecture::Aarch64 => "arm64",
            Architecture::X86_64 => "x86_64",
            _ => "unknown",
        },
        is_for_extensions: file.macho_header().flags(endian) & macho::MH_APP_EXTENSION_SAFE != 0,
        uuid: file.mach_uuid()?,
        ..Facts::default()
    };
    let mut commands = file.macho_load_commands()?;
    while let Some(command) = commands.next()? {
        let name = |name| command.string(endian, name).map(text);
        match command.variant()? {
            LoadCommandVariant::IdDylib(id) => facts.install_name = name(id.dylib.name)?,
            LoadCommandVariant::Dylib(loaded) => facts.loads.push(name(loaded.dylib.name)?),
            LoadCommandVariant::BuildVersion(build) => {
                facts.system = system(build.platform.get(endian), build.minos.get(endian));
            }
            _ => {}
        }
    }
    facts.exported = file.exports()?.iter().map(|symbol| text(symbol.name())).collect();
    let imports = file.imports()?;
    facts.imported = imports
        .iter()
        .map(|symbol| (text(symbol.name()), text(symbol.library())))
        .collect();
    Ok(facts)
}

fn system(platform: u32, oldest: u32) -> String {
    let platform = match platform {
        macho::PLATFORM_IOS => "ios",
        macho::PLATFORM_IOSSIMULATOR => "ios-simulator",
        macho::PLATFORM_MACOS => "macos",
        macho::PLATFORM_MACCATALYST => "ios-maccatalyst",
        macho::PLATFORM_XROS => "xros",
        macho::PLATFORM_XROSSIMULATOR => "xros-simulator",
        _ => "unknown",
    };
    format!("{platform} {}.{}", oldest >> 16, (oldest >> 8) & 0xff)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
