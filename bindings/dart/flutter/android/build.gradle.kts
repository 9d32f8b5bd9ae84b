// Java, and no Kotlin: an app's version of Kotlin cannot clash with this plugin's.

group = "dev.cognitosignout.flutter"
version = "0.1.0"

plugins {
    id("com.android.library")
}

android {
    namespace = "dev.cognitosignout.flutter"
    compileSdk = 36

    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

// Without this error the app is built, and the library is missing only when the app runs.
if (fileTree("src/main/jniLibs").matching { include("*/libcognito_signout.so") }.isEmpty) {
    throw GradleException("cognito_signout_flutter has no native library: run `cargo xtask flutter android` in cognito-signout")
}
