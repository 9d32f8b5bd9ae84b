pluginManagement {
    repositories {
        google()
        mavenCentral()
    }
}

dependencyResolutionManagement {
    repositories {
        // Built by `cargo xtask android`.
        maven { url = uri("../../target/kotlin/maven") }
        google()
        mavenCentral()
    }
}

rootProject.name = "sign-out-example"
include(":app", ":recipes")
