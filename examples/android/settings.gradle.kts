pluginManagement {
    repositories {
        google()
        mavenCentral()
    }
}

dependencyResolutionManagement {
    repositories {
        // What `cargo xtask android` has built.
        maven { url = uri("../../target/kotlin/maven") }
        google()
        mavenCentral()
    }
}

rootProject.name = "sign-out-example"
include(":app")
