package dev.cognitosignout.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.cognitosignout.AuthException;
import dev.cognitosignout.ErrorCode;
import dev.cognitosignout.JavaSignOutClient;
import dev.cognitosignout.SignOutOptions;
import dev.cognitosignout.SignOutResult;
import dev.cognitosignout.testing.FakeSignOutClient;
import dev.cognitosignout.testing.TestErrors;
import dev.cognitosignout.testing.TestResults;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class InJavaTest {
    private final FakeSignOutClient fake = new FakeSignOutClient();
    private final JavaSignOutClient client = new JavaSignOutClient(fake);

    @Test
    void aSignOutHasTheResultThatTheTestGives() throws Exception {
        fake.signIn();
        fake.answerSignOut(TestResults.partial().revokeTokenError(ErrorCode.NETWORK_UNAVAILABLE).kept(false).build());
        SignOutOptions options = SignOutOptions.builder().globalSignOut(true).build();
        SignOutResult.Partial partial = assertInstanceOf(SignOutResult.Partial.class, client.signOut(options).get());
        assertEquals("refresh token", partial.getRevokeTokenError().getRefreshToken().reveal());
        assertInstanceOf(SignOutResult.Complete.class, client.retry(partial).get());
        assertEquals(1, fake.getRetries().size());
    }

    @Test
    void aCallThrowsWhatTheTestSays() {
        fake.signIn();
        fake.failNext(TestErrors.service(ErrorCode.THROTTLED));
        ExecutionException thrown = Assertions.assertThrows(ExecutionException.class, () -> client.tokens().get());
        assertEquals(ErrorCode.THROTTLED, assertInstanceOf(AuthException.Service.class, thrown.getCause()).getCode());
    }
}
