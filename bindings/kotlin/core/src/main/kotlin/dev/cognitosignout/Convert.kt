package dev.cognitosignout

// Converts between this package's types and those that UniFFI generates.

import dev.cognitosignout.ffi.AdoptException as FfiAdoptException
import dev.cognitosignout.ffi.AdoptedSession as FfiAdoptedSession
import dev.cognitosignout.ffi.Adoption as FfiAdoption
import dev.cognitosignout.ffi.AppStep as FfiAppStep
import dev.cognitosignout.ffi.AuthEvent as FfiAuthEvent
import dev.cognitosignout.ffi.AuthException as FfiAuthException
import dev.cognitosignout.ffi.AwsCredentials as FfiAwsCredentials
import dev.cognitosignout.ffi.BrowserAnswer as FfiBrowserAnswer
import dev.cognitosignout.ffi.BrowserException as FfiBrowserException
import dev.cognitosignout.ffi.BrowserSession as FfiBrowserSession
import dev.cognitosignout.ffi.ClosingTexts as FfiClosingTexts
import dev.cognitosignout.ffi.Device as FfiDevice
import dev.cognitosignout.ffi.EndedSession as FfiEndedSession
import dev.cognitosignout.ffi.HostedUi as FfiHostedUi
import dev.cognitosignout.ffi.HttpHeader as FfiHttpHeader
import dev.cognitosignout.ffi.HttpResponse as FfiHttpResponse
import dev.cognitosignout.ffi.Identity as FfiIdentity
import dev.cognitosignout.ffi.KeychainOptions
import dev.cognitosignout.ffi.Layout as FfiLayout
import dev.cognitosignout.ffi.LeavingSession as FfiLeavingSession
import dev.cognitosignout.ffi.NextPage as FfiNextPage
import dev.cognitosignout.ffi.Phase as FfiPhase
import dev.cognitosignout.ffi.ProviderLogout as FfiProviderLogout
import dev.cognitosignout.ffi.Refusal as FfiRefusal
import dev.cognitosignout.ffi.RemoteSignOut as FfiRemoteSignOut
import dev.cognitosignout.ffi.Report as FfiReport
import dev.cognitosignout.ffi.Resumed as FfiResumed
import dev.cognitosignout.ffi.RevocationRoute as FfiRevocationRoute
import dev.cognitosignout.ffi.SessionHolder
import dev.cognitosignout.ffi.SessionKind as FfiSessionKind
import dev.cognitosignout.ffi.SessionState as FfiSessionState
import dev.cognitosignout.ffi.SignOutOptions as FfiSignOutOptions
import dev.cognitosignout.ffi.SignOutOthersResult as FfiSignOutOthersResult
import dev.cognitosignout.ffi.SignOutProgress as FfiSignOutProgress
import dev.cognitosignout.ffi.SignOutResult as FfiSignOutResult
import dev.cognitosignout.ffi.SignOutUri as FfiSignOutUri
import dev.cognitosignout.ffi.SignedInWith as FfiSignedInWith
import dev.cognitosignout.ffi.StepStatus as FfiStepStatus
import dev.cognitosignout.ffi.Tokens as FfiTokens
import dev.cognitosignout.ffi.TransportException as FfiTransportException
import dev.cognitosignout.ffi.UnpaidRevocations as FfiUnpaidRevocations
import dev.cognitosignout.ffi.UserSession as FfiUserSession
import dev.cognitosignout.ffi.VaultChoice as FfiVaultChoice
import dev.cognitosignout.ffi.VaultException as FfiVaultException
import dev.cognitosignout.ffi.VaultKey as FfiVaultKey
import dev.cognitosignout.ffi.Verification as FfiVerification
import dev.cognitosignout.ffi.WebPolicy as FfiWebPolicy
import dev.cognitosignout.ffi.WebVisit as FfiWebVisit

/** The entry with the same name. `valueOf` would use reflection, which can fail in a shrunk app. */
private fun <E : Enum<E>> List<E>.named(other: Enum<*>): E = first { it.name == other.name }

internal inline fun <T> translated(call: () -> T): T = try {
    call()
} catch (exception: FfiAuthException) {
    throw exception.toPublic()
}

internal suspend fun <T> translatedSuspending(call: suspend () -> T): T = try {
    call()
} catch (exception: FfiAuthException) {
    throw exception.toPublic()
}

internal fun FfiAuthException.toPublic(): AuthException = when (this) {
    is FfiAuthException.SignedOut -> AuthException.SignedOut(problem)
    is FfiAuthException.SessionExpired -> AuthException.SessionExpired(problem)
    is FfiAuthException.Vault -> AuthException.Vault(problem)
    is FfiAuthException.Service -> AuthException.Service(problem)
    is FfiAuthException.InvalidInput -> AuthException.InvalidInput(problem)
    is FfiAuthException.Runtime -> AuthException.Unusable(problem)
}

internal inline fun <T> adopting(call: () -> T): T = try {
    withNativeLibrary(call)
} catch (exception: FfiAdoptException) {
    throw exception.toPublic()
}

internal fun FfiAdoptException.toPublic(): AdoptException = when (this) {
    is FfiAdoptException.NobodySignedIn -> AdoptException.NobodySignedIn(problem)
    is FfiAdoptException.Guest -> AdoptException.Guest(problem)
    is FfiAdoptException.Federated -> AdoptException.Federated(problem)
    is FfiAdoptException.OtherConfiguration -> AdoptException.OtherConfiguration(problem)
    is FfiAdoptException.Missing -> AdoptException.Missing(problem)
    is FfiAdoptException.Invalid -> AdoptException.Invalid(problem)
}

internal fun AdoptedSession.Layout.toFfi() = FfiLayout.entries.named(this)

internal fun AdoptedSession.toFfi() =
    FfiAdoptedSession(tokens.toFfi(), signedInWith.toFfi(), username, identity?.toFfi(), device?.toFfi(), provider)

internal fun FfiAdoptedSession.toPublic() = AdoptedSession(
    tokens = tokens.toPublic(),
    signedInWith = SignedInWith.entries.named(signedInWith),
    username = username,
    identity = identity?.toPublic(),
    device = device?.toPublic(),
    provider = provider,
)

internal fun FfiAdoption.toPublic(): Adoption = when (this) {
    is FfiAdoption.Adopted -> Adoption.Adopted
    is FfiAdoption.AlreadySignedIn -> Adoption.AlreadySignedIn
    is FfiAdoption.AlreadySignedOut -> Adoption.AlreadySignedOut
    is FfiAdoption.Refused -> Adoption.Refused(
        when (problem.code) {
            ErrorCode.INVALID_INPUT -> AuthException.InvalidInput(problem)
            ErrorCode.INTERRUPTED -> AuthException.Unusable(problem)
            else -> AuthException.Vault(problem)
        },
    )
}

internal fun SignOutOptions.toFfi() = FfiSignOutOptions(
    global = globalSignOut,
    web = web?.let { FfiWebPolicy.entries.named(it) },
    signOutUri = signOutUri,
    deadline = deadlineMillis,
    browserDeadline = browserDeadlineMillis,
    reason = reason?.word,
)

internal fun FfiSignOutResult.toPublic(): SignOutResult = when (this) {
    is FfiSignOutResult.Complete -> SignOutResult.Complete(report.toPublic())
    is FfiSignOutResult.Failed -> SignOutResult.Failed(AuthException.SignOutStep(error), report.toPublic())
    is FfiSignOutResult.Partial -> SignOutResult.Partial(
        hostedUIError = hostedUiError?.let { HostedUIError(AuthException.SignOutStep(it.error), it.url) },
        globalSignOutError = globalSignOutError?.let {
            GlobalSignOutError(AuthException.SignOutStep(it.error), Secret(it.accessToken))
        },
        revokeTokenError = revokeTokenError?.let {
            RevokeTokenError(AuthException.SignOutStep(it.error), Secret(it.refreshToken))
        },
        localCleanupError = localCleanupError?.let { LocalCleanupError(AuthException.SignOutStep(it.error)) },
        appStepErrors = appStepErrors.map { AppStepError(it.name, AuthException.SignOutStep(it.error)) },
        kept = kept,
        displaced = displaced.map { it.toPublic() }.filterIsInstance<SignOutResult.Partial>(),
        report = report.toPublic(),
        inner = partial,
    )
}

internal fun FfiReport.toPublic() = Report(
    steps = Steps(
        web = steps.web.toPublic(),
        commit = steps.commit.toPublic(),
        refresh = steps.refresh.toPublic(),
        globalSignOut = steps.globalSignOut.toPublic(),
        revokeToken = steps.revokeToken.toPublic(),
        settle = steps.settle.toPublic(),
        app = steps.app.map { step ->
            AppStepReport(step.name, step.phase?.let { Phase.entries.named(it) }, step.status.toPublic())
        },
    ),
    residual = residual.map { Residual(TokenKind.entries.named(it.token), it.validUntil?.toLong()) },
    signedOutEverywhere = signedOutEverywhere,
    browserSessions = browserSessions.map { it.toPublic() },
    logoutUrl = logoutUrl,
    nextSignIn = nextSignIn?.let { Prompt.entries.named(it) },
    appReason = appReason?.let(::AppReason),
    elapsedMillis = elapsed.toLong(),
)

private fun FfiBrowserSession.toPublic() = BrowserSession(
    identityProvider = when (val holder = holder) {
        is SessionHolder.HostedUi -> null
        is SessionHolder.IdentityProvider -> holder.v1
    },
    state = BrowserSessionState.entries.named(state),
)

private fun FfiStepStatus.toPublic(): StepStatus = when (this) {
    is FfiStepStatus.Done -> StepStatus.Done
    is FfiStepStatus.Requested -> StepStatus.Requested
    is FfiStepStatus.Owed -> StepStatus.Owed
    is FfiStepStatus.Skipped -> StepStatus.Skipped(v1)
    is FfiStepStatus.Failed -> StepStatus.Failed(v1)
}

internal fun FfiSignOutProgress.toPublic(): SignOutProgress = when (this) {
    is FfiSignOutProgress.Show -> SignOutProgress.Show(visit.toPublic())
    is FfiSignOutProgress.Ignored -> SignOutProgress.Ignored
    is FfiSignOutProgress.Finished -> SignOutProgress.Finished(result.toPublic())
}

internal fun FfiResumed.toPublic() = Resumed(settled.map { it.toPublic() }, webStep?.toPublic())

private fun FfiWebVisit.toPublic() = WebVisit(url, redirect)

internal fun BrowserAnswer.toFfi(): FfiBrowserAnswer = when (this) {
    is BrowserAnswer.Redirected -> FfiBrowserAnswer.Redirected(callback)
    is BrowserAnswer.Failed -> FfiBrowserAnswer.Failed(exception.toFfi())
}

internal fun ClosingTexts.toFfi() =
    FfiClosingTexts(language, signedOut, signedOutNext, notSignedOut, notSignedOutNext)

internal fun FfiNextPage.toPublic(): NextPage = when (this) {
    is FfiNextPage.Ignored -> NextPage.Ignored
    is FfiNextPage.Open -> NextPage.Show(v1)
    is FfiNextPage.End -> NextPage.End(leaveAt)
}

internal fun FfiSessionState.toPublic(): SessionState = when (this) {
    is FfiSessionState.SignedOut -> SessionState.SignedOut
    is FfiSessionState.Unavailable -> SessionState.Unavailable(AuthException.Vault(problem))
    is FfiSessionState.SignedIn -> SessionState.SignedIn(
        Session(
            sub = session.sub,
            username = session.username,
            signedInWith = SignedInWith.entries.named(session.signedInWith),
            accessTokenExpiresMillis = session.accessTokenExpires.toLong(),
            expired = session.expired,
            identityId = session.identityId,
        ),
    )
}

internal fun FfiUserSession.toPublic() = UserSession(
    id = id,
    kind = when (val kind = kind) {
        is FfiSessionKind.Token -> SessionKind.Token
        is FfiSessionKind.Sso -> SessionKind.Sso
        is FfiSessionKind.Other -> SessionKind.Other(kind.v1)
    },
    clientId = clientId,
    createdMillis = created?.toLong(),
    lastActiveMillis = lastActive?.toLong(),
    device = device,
    city = city,
    country = country,
    ipAddress = ipAddress?.let(::Secret),
    origin = origin,
    isCurrent = isCurrent,
)

private fun FfiEndedSession.toPublic() = EndedSession(session.toPublic(), error?.let { AuthException.SignOutStep(it) })

internal fun FfiSignOutOthersResult.toPublic(): SignOutOthersResult = when (this) {
    is FfiSignOutOthersResult.Complete -> SignOutOthersResult.Complete(sessions.map { it.toPublic() })
    is FfiSignOutOthersResult.Partial -> SignOutOthersResult.Partial(sessions.map { it.toPublic() }, partial)
    is FfiSignOutOthersResult.Failed -> SignOutOthersResult.Failed(AuthException.SignOutStep(problem))
}

internal fun AppStep.toFfi() = FfiAppStep(name, FfiPhase.entries.named(phase), timeLimitMillis, AppStepAdapter(this))

internal fun FfiLeavingSession.toPublic() = LeavingSession(
    sub = sub,
    username = username,
    accessToken = accessToken?.let(::Secret),
    idToken = idToken?.let(::Secret),
    tokenState = TokenState.entries.named(tokenState),
    again = again,
    signedInSince = signedInSince,
)

internal fun FfiAuthEvent.toPublic(): AuthEvent = when (this) {
    is FfiAuthEvent.SignedIn -> AuthEvent.SignedIn
    is FfiAuthEvent.SignedOut -> AuthEvent.SignedOut(SignedOutReason.entries.named(reason), appReason?.let(::AppReason))
    is FfiAuthEvent.SessionExpired -> AuthEvent.SessionExpired(EndReason.entries.named(reason))
    is FfiAuthEvent.RevocationSettled -> AuthEvent.RevocationSettled
}

internal fun FfiVerification.toPublic(): Verification = when (this) {
    is FfiVerification.Alive -> Verification.Alive
    is FfiVerification.Ended -> Verification.Ended(EndReason.entries.named(reason))
    is FfiVerification.Unknown -> Verification.Unknown(AuthException.SignOutStep(problem))
}

internal fun FfiRemoteSignOut.toPublic(): RemoteSignOut = when (this) {
    is FfiRemoteSignOut.NotRecognized -> RemoteSignOut.NotRecognized
    is FfiRemoteSignOut.OtherSession -> RemoteSignOut.OtherSession
    is FfiRemoteSignOut.Verified -> RemoteSignOut.Verified(verification.toPublic())
}

internal fun FfiRefusal.toPublic() = Refusal.entries.named(this)

internal fun Tokens.toFfi() = FfiTokens(accessToken.inner, idToken.inner, refreshToken.inner)

internal fun FfiTokens.toPublic() = Tokens(Secret(accessToken), Secret(idToken), Secret(refreshToken))

internal fun SignedInWith.toFfi() = FfiSignedInWith.entries.named(this)

internal fun Identity.toFfi() = FfiIdentity(identityId, credentials?.toFfi())

private fun AwsCredentials.toFfi() =
    FfiAwsCredentials(accessKeyId, secretAccessKey.inner, sessionToken.inner, expiresMillis)

internal fun FfiIdentity.toPublic() = Identity(identityId, credentials?.toPublic())

private fun FfiAwsCredentials.toPublic() =
    AwsCredentials(accessKeyId, Secret(secretAccessKey), Secret(sessionToken), expires)

internal fun Device.toFfi() = FfiDevice(key, groupKey, password.inner)

internal fun FfiDevice.toPublic() = Device(key, groupKey, Secret(password))

internal fun UnpaidRevocations.toFfi(): FfiUnpaidRevocations = when (this) {
    is UnpaidRevocations.HandOver -> FfiUnpaidRevocations.HandOver
    is UnpaidRevocations.Keep -> FfiUnpaidRevocations.Keep(maxAgeMillis, maxDebts)
}

internal fun RevocationRoute.toFfi() = FfiRevocationRoute.entries.named(this)

internal fun HostedUI.toFfi() =
    FfiHostedUi(
        domain,
        signOutUris.map { FfiSignOutUri(it.uri, it.endsAt) },
        callbackUris,
        providers.mapValues { it.value.toFfi() },
    )

internal fun ProviderLogout.toFfi(): FfiProviderLogout = when (this) {
    is ProviderLogout.Oidc -> FfiProviderLogout.Oidc(issuer, clientId)
    is ProviderLogout.Template -> FfiProviderLogout.Template(url)
    is ProviderLogout.Google -> FfiProviderLogout.Google
    is ProviderLogout.Entra -> FfiProviderLogout.Entra(tenant, clientId)
    is ProviderLogout.Okta -> FfiProviderLogout.Okta(domain)
    is ProviderLogout.Auth0 -> FfiProviderLogout.Auth0(domain, clientId)
    is ProviderLogout.SamlSingleLogout -> FfiProviderLogout.SamlSingleLogout
    is ProviderLogout.LeftAlone -> FfiProviderLogout.LeftAlone
}

internal fun VaultChoice.toFfi(): FfiVaultChoice = when (this) {
    is VaultChoice.Keychain -> FfiVaultChoice.Keychain(KeychainOptions(null, servicePrefix, lockDirectory))
    is VaultChoice.Memory -> FfiVaultChoice.Memory
    is VaultChoice.Custom -> VaultAdapter.of(vault).let { FfiVaultChoice.Host(it, it.identity) }
}

internal fun FfiVaultKey.toPublic() = VaultKey(userPoolId, clientId)

internal fun HttpResponse.toFfi() = FfiHttpResponse(
    status.coerceIn(0, UShort.MAX_VALUE.toInt()).toUShort(),
    headers.map { FfiHttpHeader(it.name, it.value) },
    body,
)

internal fun TransportException.toFfi(): FfiTransportException = when (kind) {
    TransportException.Kind.CONNECT -> FfiTransportException.Connect(detail)
    TransportException.Kind.IO -> FfiTransportException.Io(detail)
    TransportException.Kind.TLS -> FfiTransportException.Tls(detail)
    TransportException.Kind.BAD_RESPONSE -> FfiTransportException.BadResponse(detail)
    TransportException.Kind.OTHER -> FfiTransportException.Other(detail)
}

internal fun BrowserException.toFfi(): FfiBrowserException = when (kind) {
    BrowserException.Kind.CANCELLED -> FfiBrowserException.Cancelled()
    BrowserException.Kind.UNAVAILABLE -> FfiBrowserException.Unavailable(detail)
    BrowserException.Kind.REDIRECT_TAKEN -> FfiBrowserException.RedirectTaken(detail)
    BrowserException.Kind.TIMED_OUT -> FfiBrowserException.TimedOut()
}

internal fun VaultException.toFfi(): FfiVaultException = when (kind) {
    VaultException.Kind.LOCKED -> FfiVaultException.Locked(detail)
    VaultException.Kind.UNAVAILABLE -> FfiVaultException.Unavailable(detail)
    VaultException.Kind.NOT_ALLOWED -> FfiVaultException.MissingEntitlement(detail)
    VaultException.Kind.OTHER -> FfiVaultException.Other(detail)
}
