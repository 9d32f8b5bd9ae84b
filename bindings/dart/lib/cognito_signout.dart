/// Signs users of Amazon Cognito user pools out of apps, and says honestly what was achieved.
///
/// `CognitoAuth` is the session of one app client. `CognitoAuth.signOut` ends it.
library;

export 'src/adoption.dart' show AdoptedSession, Adopted, Adoption, AdoptionRefused, AlreadySignedIn, AlreadySignedOut, Layout;
export 'src/amplify_flutter.dart' show amplifyFlutterItems;
export 'src/app_step.dart' show AppStep, AppStepException, LeavingSession, Phase, TokenState;
export 'src/auth.dart' show CognitoAuth;
export 'src/browser.dart'
    show
        Browser,
        BrowserException,
        BrowserExceptionKind,
        BrowserVisit,
        ClosingTexts,
        NextPage,
        NextPageEnd,
        NextPageIgnored,
        NextPageShow,
        SystemBrowser,
        WebVisit;
export 'src/config.dart' show AuthConfig, HostedUi, ProviderLogout, RevocationRoute, SignOutUri, UnpaidRevocations;
export 'src/error_code.dart' show ErrorCode;
export 'src/events.dart'
    show AuthEvent, RevocationSettledEvent, SessionExpiredEvent, SignedInEvent, SignedOutEvent, SignedOutReason;
export 'src/exceptions.dart'
    show
        AdoptException,
        AdoptExceptionReason,
        AppStepFailedException,
        AuthException,
        AuthServiceException,
        AuthVaultException,
        GlobalSignOutException,
        HostedUiException,
        InvalidInputException,
        LocalCleanupException,
        RevokeTokenException,
        SessionExpiredException,
        SignOutStepException,
        SignedOutException,
        UnusableException;
export 'src/options.dart' show AppReason, SignOutOptions, WebPolicy;
export 'src/progress.dart'
    show
        BrowserAnswer,
        BrowserFailed,
        BrowserRedirected,
        Resumed,
        SignOutFinished,
        SignOutIgnored,
        SignOutProgress,
        SignOutShow;
export 'src/report.dart'
    show
        BrowserSession,
        BrowserSessionState,
        Prompt,
        Report,
        Residual,
        StepDone,
        StepFailed,
        StepOwed,
        StepRequested,
        StepSkipped,
        StepStatus,
        StepUnknown,
        Steps,
        TokenKind;
export 'src/results.dart' show CognitoCompleteSignOut, CognitoFailedSignOut, CognitoPartialSignOut, CognitoSignOutResult;
export 'src/secret.dart' show Secret;
export 'src/session.dart'
    show
        AwsCredentials,
        Device,
        Identity,
        Session,
        SessionState,
        SignedInState,
        SignedInWith,
        SignedOutState,
        Tokens,
        UnavailableState;
export 'src/transport.dart'
    show DartIoTransport, HttpHeader, HttpRequest, HttpResponse, HttpTransport, TransportException, TransportExceptionKind;
export 'src/user_session.dart'
    show
        EndedSession,
        SessionKind,
        SignOutOthersComplete,
        SignOutOthersFailed,
        SignOutOthersPartial,
        SignOutOthersResult,
        UserSession;
export 'src/vault.dart'
    show CustomVault, KeychainVault, MemoryVault, SharedVault, Vault, VaultChoice, VaultException, VaultExceptionKind, VaultKey;
export 'src/verification.dart'
    show
        EndReason,
        Refusal,
        RemoteSignOut,
        RemoteSignOutNotRecognized,
        RemoteSignOutOtherSession,
        RemoteSignOutVerified,
        SessionAlive,
        SessionEnded,
        SessionUnknown,
        Verification;
