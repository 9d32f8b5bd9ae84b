/// [cognito_signout](https://github.com/cognito-signout/cognito-signout) in a Flutter app: the same package, and its native library.
///
/// The platform halves of this plugin bring the library into the app, and on Android they give it the app's context, which the keychain
/// needs. `CognitoAuth` finds the library by itself, in every isolate.
library;

export 'package:cognito_signout/cognito_signout.dart';
