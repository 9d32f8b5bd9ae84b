package dev.cognitosignout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Code of a Java app. */
class JavaAuthTest {
    private final FakeServer server = new FakeServer();
    private final Auth auth;
    private final JavaAuth java;

    JavaAuthTest() throws AuthException {
        auth = new Auth(server.config(config -> kotlin.Unit.INSTANCE), VaultChoice.Memory.INSTANCE);
        java = new JavaAuth(auth);
    }

    @AfterEach
    void stop() {
        auth.close();
        server.close();
    }

    @Test
    void aFutureGivesTheResult() throws Exception {
        java.storeSession(server.signIn("ana", null), SignedInWith.API).get();

        SignOutOptions options = SignOutOptions.builder().globalSignOut(true).deadlineMillis(5_000).build();
        SignOutResult result = java.signOut(options).get(20, TimeUnit.SECONDS);

        assertInstanceOf(SignOutResult.Complete.class, result);
        assertTrue(result.getSignedOutLocally());
        assertEquals(List.of("GlobalSignOut", "RevokeToken"), server.requests());
    }

    @Test
    void theUsersOtherSessionsCanBeListedAndEnded() throws Exception {
        try (FakeServer tracking = new FakeServer("--session-tracking");
                Auth other = new Auth(tracking.config(config -> kotlin.Unit.INSTANCE), VaultChoice.Memory.INSTANCE)) {
            JavaAuth java = new JavaAuth(other);
            java.storeSession(tracking.signIn("ana", null), SignedInWith.API).get();
            tracking.signIn("ana", null);
            tracking.signIn("ana", null);

            List<UserSession> sessions = java.sessions().get(20, TimeUnit.SECONDS);
            assertEquals(3, sessions.size());
            UserSession one = sessions.stream().filter(it -> !it.isCurrent()).findFirst().orElseThrow();
            java.endSession(one.getId()).get(20, TimeUnit.SECONDS);
            SignOutOthersResult ended = java.signOutOthers().get(20, TimeUnit.SECONDS);

            assertInstanceOf(SignOutOthersResult.Complete.class, ended);
            assertEquals(1, tracking.liveSessions("ana"));
        }
    }

    @Test
    void aCallbackIsCalledOnceOnItsExecutor() throws Exception {
        java.storeSession(server.signIn("ana", null), SignedInWith.API).get();
        BlockingQueue<String> called = new LinkedBlockingQueue<>();

        java.signOut(
            SignOutOptions.builder().build(),
            task -> new Thread(task, "the app's own").start(),
            result -> called.add(Thread.currentThread().getName() + ": " + result.getSignedOutLocally()));

        assertEquals("the app's own: true", called.poll(20, TimeUnit.SECONDS));
        java.signOut().get(20, TimeUnit.SECONDS);
        assertTrue(called.isEmpty());
    }

    @Test
    void aCallbackIsCalledEvenIfItsAuthIsClosed() throws Exception {
        auth.close();
        BlockingQueue<SignOutResult> called = new LinkedBlockingQueue<>();

        java.signOut(SignOutOptions.builder().build(), Runnable::run, called::add);

        SignOutResult.Failed failed = assertInstanceOf(SignOutResult.Failed.class, called.poll(20, TimeUnit.SECONDS));
        assertEquals("interrupted", failed.getException().getCode());
        assertEquals("Skipped(not_reached)", failed.getReport().getSteps().getRevokeToken().toString());
    }

    /** It would not compile if the methods did not declare their exceptions. */
    @Test
    void exceptionsCanBeCaughtByType() throws AuthException {
        String caught = "nothing";
        try {
            AuthConfig.builder("no pool", "client").build();
        } catch (AuthException.InvalidInput exception) {
            caught = exception.getCode();
        }
        assertEquals("invalid_input", caught);

        AuthConfig config = AuthConfig.builder("eu-central-1_AbCdEf123", "1a2b3c").build();
        try {
            config.logoutUrl();
        } catch (AuthException.InvalidInput exception) {
            caught = "no pages";
        }
        try {
            config.logoutToLoginUrl();
        } catch (AuthException.InvalidInput exception) {
            caught += ", nowhere";
        }
        assertEquals("no pages, nowhere", caught);

        try (Auth made = new Auth(config)) {
            assertNotNull(made);
        } catch (AuthException.Unusable exception) {
            fail(exception);
        }
        try {
            assertNotNull(new SystemBrowser());
        } catch (AuthException.Unusable exception) {
            fail(exception);
        }
    }

    @Test
    void aFutureFailsWithTheLibrarysException() {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> java.tokens().get(20, TimeUnit.SECONDS));
        AuthException cause = assertInstanceOf(AuthException.SignedOut.class, thrown.getCause());
        assertFalse(cause.getRecoverySuggestion().isEmpty());
    }

    @Test
    void aFutureWithoutAResultFailsLikeTheOthers() {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        java.setIdentity(new Identity("eu-central-1:1")).whenComplete((none, failure) -> thrown.complete(failure));
        assertInstanceOf(AuthException.SignedOut.class, thrown.orTimeout(20, TimeUnit.SECONDS).join());
    }

    @Test
    void anExceptionInACallbackReachesItsExecutor() throws Exception {
        BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
        Executor executor = task -> {
            try {
                task.run();
            } catch (IllegalStateException exception) {
                thrown.add(exception);
            }
        };

        java.signOut(SignOutOptions.builder().build(), executor, result -> {
            throw new IllegalStateException("the app's own");
        });

        assertEquals("the app's own", thrown.poll(20, TimeUnit.SECONDS).getMessage());
    }

    @Test
    void cancellingAFutureDoesNotStopTheSignOut() throws Exception {
        java.storeSession(server.signIn("ana", null), SignedInWith.API).get();
        assertTrue(java.signOut().cancel(true));
        SignOutResult joined = java.signOut().get(20, TimeUnit.SECONDS);
        assertTrue(joined.getSignedOutLocally());
        assertEquals(SessionState.SignedOut.INSTANCE, java.session().get(20, TimeUnit.SECONDS));
    }

    @Test
    void aStepOfTheAppIsAStage() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        CompletableFuture<Void> never = new CompletableFuture<>();
        List<AppStep> steps = List.of(
            JavaAuth.appStep("well", Phase.WHILE_TOKEN_LIVES, session -> CompletableFuture.runAsync(() ->
                told.add(session.getUsername() + " " + session.getAccessToken()))),
            JavaAuth.appStep("fails", Phase.WHILE_TOKEN_LIVES, session ->
                CompletableFuture.failedFuture(new AppStepException("the server says no"))),
            JavaAuth.appStep("throws", Phase.WHILE_TOKEN_LIVES, session -> {
                throw new Exception("thrown: SECRET");
            }),
            JavaAuth.appStep("returns_null", Phase.AFTER_SIGN_OUT, session -> null),
            JavaAuth.appStep("hangs", Phase.AFTER_SIGN_OUT, 100L, session -> never));
        AuthConfig config = server.config(it -> kotlin.Unit.INSTANCE);
        try (Auth auth = new Auth(config, VaultChoice.Memory.INSTANCE, new UrlConnectionTransport(config), null, List.of(), steps)) {
            JavaAuth java = new JavaAuth(auth);
            java.storeSession(server.signIn("ana", null), SignedInWith.API).get();

            SignOutResult result = java.signOut().get(20, TimeUnit.SECONDS);

            SignOutResult.Partial partial = assertInstanceOf(SignOutResult.Partial.class, result);
            Map<String, String> failures = partial.getAppStepErrors().stream()
                .collect(Collectors.toMap(AppStepError::getName, it -> it.getException().getMessage()));
            assertEquals("ana <redacted>", told.poll(20, TimeUnit.SECONDS));
            assertEquals(
                Map.of(
                    "fails", "the server says no",
                    "throws", "the app's step threw Exception",
                    "returns_null", "the app's step threw NullPointerException",
                    "hangs", "the step did not end within its time"),
                failures);
            // It was cancelled.
            assertThrows(CancellationException.class, () -> never.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void eventsArriveUntilTheListenerIsClosed() throws Exception {
        BlockingQueue<AuthEvent> heard = new LinkedBlockingQueue<>();
        try (Listening listening = java.onEvent(Runnable::run, heard::add)) {
            java.storeSession(server.signIn("ana", null), SignedInWith.API).get();
            assertEquals(AuthEvent.SignedIn.INSTANCE, heard.poll(20, TimeUnit.SECONDS));
        }
        java.signOut().get(20, TimeUnit.SECONDS);

        assertEquals(null, heard.poll(200, TimeUnit.MILLISECONDS));
    }
}
