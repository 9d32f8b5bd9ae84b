// A user who has signed in, and the way out: `dart run example/main.dart`, with the native library and a Cognito.
import 'dart:io';

import 'package:cognito_signout/cognito_signout.dart';

Future<void> main() async {
  final settings = Platform.environment;
  final auth = CognitoAuth(
    AuthConfig(settings['USER_POOL_ID']!, settings['CLIENT_ID']!),
    signOutSteps: [
      AppStep('forget_push_token', Phase.whileTokenLives, (session) async {
        print('the app forgets the push token of ${session.username}');
      }),
    ],
  );
  final events = auth.events.listen((event) => print('event: $event'));

  // At launch: what earlier sign-outs owe is paid.
  await auth.resume();

  await auth.storeSession(
    Tokens(
      accessToken: Secret(settings['ACCESS_TOKEN']!),
      idToken: Secret(settings['ID_TOKEN']!),
      refreshToken: Secret(settings['REFRESH_TOKEN']!),
    ),
    SignedInWith.api,
  );

  switch (await auth.signOut(options: const SignOutOptions(globalSignOut: true))) {
    case CognitoCompleteSignOut(:final report):
      print('signed out, everywhere: ${report.signedOutEverywhere}');
    case CognitoPartialSignOut(:final kept, :final globalSignOutException):
      print('signed out of this device. ${globalSignOutException?.recoverySuggestion} Tried again later: $kept');
    case CognitoFailedSignOut(:final exception):
      print('still signed in: $exception');
  }

  await events.cancel();
  auth.close();
}
