/// For the tests of apps: a `CognitoAuth` without a server, a keychain and the native library.
library;

export 'package:cognito_signout/testing.dart';
