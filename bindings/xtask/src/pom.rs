//! The POM of an artefact: what Maven reads, with all that Maven Central asks for.

use crate::VERSION;
use crate::maven::{Artefact, Dependency, GROUP, Kind, Versions, others};

/// Where the project is at home.
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// The text of the POM.
pub(crate) fn of(artefact: &Artefact, versions: &Versions) -> Result<String, String> {
    let Artefact {
        name,
        title,
        description,
        kind,
        ..
    } = artefact;
    let packaging = match kind {
        Kind::Jar => String::new(), // Maven's default.
        Kind::Aar | Kind::Bom => format!("\n  <packaging>{}</packaging>", kind.extension()),
    };
    let dependencies = match kind {
        Kind::Bom => format!(
            "<dependencyManagement>\n  <dependencies>{}\n  </dependencies>\n  </dependencyManagement>",
            others().map(managed).collect::<String>()
        ),
        Kind::Jar | Kind::Aar => {
            let all: Result<String, String> = artefact
                .dependencies
                .iter()
                .map(|one| Ok(dependency(one, &versions.of(one)?)))
                .collect();
            format!("<dependencies>{}\n  </dependencies>", all?)
        }
    };
    // Gradle looks for the line with `do_not_remove` before it asks for the module metadata.
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 https://maven.apache.org/xsd/maven-4.0.0.xsd">
  <!-- do_not_remove: published-with-gradle-metadata -->
  <modelVersion>4.0.0</modelVersion>
  <groupId>{GROUP}</groupId>
  <artifactId>{name}</artifactId>
  <version>{VERSION}</version>{packaging}
  <name>{title}</name>
  <description>{description}</description>
  <url>{HOME}</url>
  <licenses>
    <license>
      <name>Apache-2.0</name>
      <url>https://www.apache.org/licenses/LICENSE-2.0</url>
    </license>
  </licenses>
  <developers>
    <developer>
      <name>The developers of cognito-signout</name>
      <url>{HOME}</url>
    </developer>
  </developers>
  <scm>
    <connection>scm:git:{HOME}.git</connection>
    <developerConnection>scm:git:{HOME}.git</developerConnection>
    <url>{HOME}</url>
    <tag>v{VERSION}</tag>
  </scm>
  {dependencies}
</project>
"#
    ))
}

fn dependency(dependency: &Dependency, version: &str) -> String {
    let scope = if dependency.is_api { "compile" } else { "runtime" };
    let more = format!("{}\n      <scope>{scope}</scope>", kind(dependency.is_aar));
    named(dependency.group, dependency.name, version, &more)
}

/// The version of one of our artefacts, in the BOM.
fn managed(artefact: &Artefact) -> String {
    named(GROUP, artefact.name, VERSION, kind(artefact.kind == Kind::Aar))
}

fn kind(is_aar: bool) -> &'static str {
    if is_aar { "\n      <type>aar</type>" } else { "" }
}

fn named(group: &str, name: &str, version: &str, more: &str) -> String {
    format!(
        "
    <dependency>
      <groupId>{group}</groupId>
      <artifactId>{name}</artifactId>
      <version>{version}</version>{more}
    </dependency>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maven::{self, ALL, ANDROID, BOM};

    /// What else Maven Central asks for is in `central/rules.rs`.
    #[test]
    fn gradle_finds_the_module_metadata() -> Result<(), String> {
        for artefact in ALL {
            let pom = of(artefact, &maven::versions()?)?;
            assert!(pom.contains("do_not_remove: published-with-gradle-metadata"));
        }
        Ok(())
    }

    #[test]
    fn the_bom_names_every_other_artefact() -> Result<(), String> {
        let pom = of(&BOM, &maven::versions()?)?;
        for artefact in others() {
            assert!(pom.contains(&format!("<artifactId>{}</artifactId>", artefact.name)));
        }
        assert_eq!(pom.matches("<dependency>").count(), ALL.len() - 1);
        Ok(())
    }

    #[test]
    fn an_android_app_gets_jnas_aar() -> Result<(), String> {
        let pom = of(&ANDROID, &maven::versions()?)?;
        let (_, jna) = pom.split_once("<artifactId>jna</artifactId>").unwrap_or_default();
        let (jna, _) = jna.split_once("</dependency>").unwrap_or_default();
        assert!(
            jna.contains("<type>aar</type>") && jna.contains("<scope>runtime</scope>"),
            "{pom}"
        );
        Ok(())
    }
}
