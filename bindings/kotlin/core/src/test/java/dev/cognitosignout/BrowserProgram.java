package dev.cognitosignout;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A browser as a program, without a window: loads the page of the second argument and those that it leads to, and keeps
 * the last in the file of the first.
 */
final class BrowserProgram {
    private BrowserProgram() {}

    public static void main(String[] arguments) throws IOException {
        URL page = URI.create(arguments[1]).toURL();
        Path last = Path.of(arguments[0]);
        Path unfinished = last.resolveSibling(last.getFileName() + ".part");
        try (var content = page.openStream()) {
            Files.copy(content, unfinished, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(unfinished, last, StandardCopyOption.ATOMIC_MOVE);
    }
}
