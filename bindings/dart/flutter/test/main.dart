// The example, over stand-ins for Flutter, with the real library and a FakeCognito. `cargo xtask flutter --test` runs it.
import 'dart:io';

import 'package:cognito_signout_flutter/cognito_signout_flutter.dart';
import 'package:cognito_signout_flutter/testing.dart';
import 'package:flutter/material.dart';
import 'package:flutter/services.dart';
import 'package:flutter_web_auth_2/flutter_web_auth_2.dart';

import '../../test/support/checks.dart';
import '../../test/support/fake_cognito.dart';
import '../example/lib/main.dart';
import '../example/lib/web_auth_browser.dart';

/// The example's app, and what it speaks to.
final class _Phone {
  _Phone._(this.fake, this.auth);

  static Future<_Phone> start() async {
    const uri = 'myapp://signed-out';
    final fake = await FakeCognito.start(['--sign-out-uri', uri]);
    final config = AuthConfig(
      fake.userPoolId,
      fake.clientId,
      endpoint: fake.url,
      hostedUi: HostedUi(domain: fake.url, signOutUris: const [SignOutUri(uri)]),
    );
    // The library is the one under test; the platform's name for it is only right on a phone.
    final auth = CognitoAuth(config,
        vault: const VaultChoice.memory(), browser: const WebAuthBrowser(), redirects: const ['myapp'], library: library);
    runApp(SignOutApp(auth));
    return _Phone._(fake, auth);
  }

  final FakeCognito fake;
  final CognitoAuth auth;

  Future<void> signIn(SignedInWith how) async {
    await auth.storeSession(await fake.signIn('ana', {'browser': how == SignedInWith.hostedUi}), how);
    await shows('Signed in as ana');
  }

  Future<void> shows(String text) => eventually(() => texts().contains(text), '$text, on the screen ${texts()}');

  Future<void> stop() async {
    endApp();
    // What the app has begun is answered first.
    await auth.resume();
    auth.close();
    FlutterWebAuth2.instead = null;
    await fake.stop();
  }
}

Future<void> main() async {
  final tests = Tests();

  tests('the example signs out, and says so', () async {
    final phone = await _Phone.start();
    await phone.shows('Signed out');
    await phone.signIn(SignedInWith.api);
    await press('Sign out');
    await phone.shows('Sign out completed successfully');
    await phone.shows('Signed out');
    same(['RevokeToken'], await phone.fake.requests());
    await phone.stop();
  });

  tests('of a user who signed in at the hosted pages, the browser visits the sign-out page', () async {
    final phone = await _Phone.start();
    await phone.signIn(SignedInWith.hostedUi);
    await press('Sign out everywhere');
    await phone.shows('Sign out completed successfully');
    final requests = await phone.fake.requests();
    isTrue(requests.contains('HostedLogout') && requests.contains('GlobalSignOut'), requests);
    await phone.stop();
  });

  tests('a browser that is closed, is missing, or came back elsewhere is a partial sign-out', () async {
    for (final (code, instead) in [
      ('hosted_ui_cancelled', () => throw PlatformException(code: 'CANCELED')),
      ('hosted_ui_unavailable', () => throw PlatformException(code: 'NO_BROWSER')),
      ('hosted_ui_cancelled', () async => 'myapp://sign-in'),
    ]) {
      final phone = await _Phone.start();
      await phone.signIn(SignedInWith.hostedUi);
      FlutterWebAuth2.instead = instead;
      final result = await phone.auth.signOut(options: const SignOutOptions(web: WebPolicy.bestEffort));
      same(code, (result as CognitoPartialSignOut).hostedUiException!.code);
      await phone.stop();
    }
  });

  tests('an app that comes to the front pays what an earlier sign-out owes', () async {
    final phone = await _Phone.start();
    await phone.signIn(SignedInWith.api);
    await phone.fake.order({'do': 'go_offline'});
    await press('Sign out');
    await phone.shows('Signed out');
    await phone.fake.order({'do': 'go_online'});
    comeToTheFront();
    await eventually(() async => await phone.fake.liveSessions() == 0, 'a session that has ended');
    await phone.stop();
  });

  tests('an app tests its screen with the fake that the plugin has', () async {
    final fake = FakeCognitoAuth()..signIn();
    runApp(SignOutApp(fake.auth));
    fake.answerSignOut(FakeResult.partial(revokeToken: ErrorCode.networkUnavailable));
    await press('Sign out');
    await eventually(() => texts().any((text) => text.startsWith('Error revoking token')), 'on the screen ${texts()}');
    endApp();
  });

  final failed = await tests.run();
  print('${tests.ran - failed.length} passed, ${failed.length} failed');
  exit(failed.isEmpty ? 0 : 1);
}
