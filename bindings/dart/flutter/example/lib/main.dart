// A screen with two buttons, each of which signs the user out. Sign-in is your app's own: it ends with `auth.storeSession`.
import 'dart:async';
import 'dart:io';

import 'package:cognito_signout_flutter/cognito_signout_flutter.dart';
import 'package:flutter/material.dart';

import 'web_auth_browser.dart';

void main() => runApp(SignOutApp(openAuth()));

/// The app client comes from `flutter run --dart-define=USER_POOL_ID=… --dart-define=CLIENT_ID=… --dart-define=DOMAIN=…`. The session is in
/// the phone's keychain, because nothing else is said.
CognitoAuth openAuth() {
  // There, the library's own browser is the user's default one, and comes back to this port.
  final isDesktop = Platform.isLinux || Platform.isWindows;
  return CognitoAuth(
    AuthConfig(
      const String.fromEnvironment('USER_POOL_ID'),
      const String.fromEnvironment('CLIENT_ID'),
      hostedUi: HostedUi(
        domain: const String.fromEnvironment('DOMAIN'),
        signOutUris: [
          SignOutUri(isDesktop ? 'http://localhost:8765/signed-out' : 'dev.cognitosignout.example://signed-out'),
        ],
      ),
    ),
    browser: isDesktop ? const SystemBrowser() : const WebAuthBrowser(),
    redirects: isDesktop ? const [] : const ['dev.cognitosignout.example'],
  );
}

/// The app, for one session.
class SignOutApp extends StatefulWidget {
  /// The app with the session [auth].
  const SignOutApp(this.auth, {super.key});

  /// The session.
  final CognitoAuth auth;

  @override
  State<SignOutApp> createState() => _SignOutAppState();
}

class _SignOutAppState extends State<SignOutApp> {
  late final StreamSubscription<SessionState> _states;
  late final AppLifecycleListener _lifecycle;
  String _session = '…';
  String _said = '';

  CognitoAuth get _auth => widget.auth;

  @override
  void initState() {
    super.initState();
    _states = _auth.sessionStates.listen((state) => setState(() => _session = _inWords(state)));
    // At launch, and when the app is in front again: what an interrupted sign-out owes is paid.
    _lifecycle = AppLifecycleListener(onResume: _resume);
    _resume();
  }

  @override
  void dispose() {
    _lifecycle.dispose();
    unawaited(_states.cancel());
    super.dispose();
  }

  Future<void> _resume() async {
    try {
      await _auth.resume();
    } on AuthException catch (exception) {
      _say('Error reading the session: ${exception.message}');
    }
  }

  Future<void> _signOut({required bool everywhere}) async {
    final result = await _auth.signOut(options: SignOutOptions(globalSignOut: everywhere));
    _say(switch (result) {
      CognitoCompleteSignOut() => 'Sign out completed successfully',
      CognitoPartialSignOut(:final hostedUiException?) => 'Error in the browser: ${hostedUiException.message}',
      CognitoPartialSignOut(:final globalSignOutException?) => 'Error signing user out: ${globalSignOutException.message}',
      CognitoPartialSignOut(:final revokeTokenException?) => 'Error revoking token: ${revokeTokenException.message}',
      CognitoPartialSignOut() => 'Signed out of this device. The rest is tried again later',
      CognitoFailedSignOut(:final exception) => 'Error signing user out: ${exception.message}',
    });
  }

  void _say(String text) {
    if (mounted) setState(() => _said = text);
  }

  String _inWords(SessionState state) => switch (state) {
        SignedInState(:final session) => 'Signed in as ${session.username}',
        SignedOutState() => 'Signed out',
        UnavailableState() => 'The keychain cannot be read now',
      };

  @override
  Widget build(BuildContext context) => MaterialApp(
        home: Scaffold(
          appBar: AppBar(title: const Text('Sign out')),
          body: Center(
            child: Column(
              children: [
                Text(_session),
                FilledButton(onPressed: () => _signOut(everywhere: false), child: const Text('Sign out')),
                FilledButton(onPressed: () => _signOut(everywhere: true), child: const Text('Sign out everywhere')),
                Text(_said),
              ],
            ),
          ),
        ),
      );
}
