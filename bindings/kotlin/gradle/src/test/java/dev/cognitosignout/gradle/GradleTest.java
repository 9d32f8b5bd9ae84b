package dev.cognitosignout.gradle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.gradle.api.Named;
import org.gradle.api.Project;
import org.gradle.api.artifacts.Configuration;
import org.gradle.api.artifacts.ConfigurationContainer;
import org.gradle.api.artifacts.Dependency;
import org.gradle.api.artifacts.ResolveException;
import org.gradle.api.artifacts.component.ModuleComponentIdentifier;
import org.gradle.api.attributes.AttributeCompatibilityRule;
import org.gradle.api.attributes.Category;
import org.gradle.api.attributes.CompatibilityCheckDetails;
import org.gradle.api.attributes.DocsType;
import org.gradle.api.attributes.LibraryElements;
import org.gradle.api.attributes.Usage;
import org.gradle.api.attributes.java.TargetJvmEnvironment;
import org.gradle.testfixtures.ProjectBuilder;
import org.junit.jupiter.api.Test;

class GradleTest {
    private static final String VERSION = System.getProperty("version");
    private final Project project = project();

    private static Project project() {
        File work = new File(System.getProperty("work"));
        work.mkdirs();
        Project project = ProjectBuilder.builder().withProjectDir(work).withGradleUserHomeDir(new File(work, "home")).build();
        project.getRepositories().maven(maven -> maven.setUrl(new File(System.getProperty("repository")).toURI()));
        // What others have made. Ours could be there too, from another run.
        project.getRepositories().maven(maven -> {
            maven.setUrl(new File(System.getProperty("cache")).toURI());
            maven.content(content -> content.excludeGroup("dev.cognitosignout"));
        });
        project.getPluginManager().apply("java-library");
        return project;
    }

    @Test
    void anAppOnAJvmGetsTheNativeLibraryAndJnasJar() {
        Configuration runtime = implementation("dev.cognitosignout:cognito-signout:" + VERSION).getByName("runtimeClasspath");
        assertEquals(
                files("annotations-*.jar", "cognito-signout.jar", "cognito-signout-core.jar", "jna-*.jar", "kotlin-stdlib-*.jar",
                        "kotlinx-coroutines-core-jvm-*.jar"),
                filesOf(runtime));
    }

    @Test
    void anAppsOwnCodeIsCompiledWithoutJna() {
        Configuration compile = implementation("dev.cognitosignout:cognito-signout:" + VERSION).getByName("compileClasspath");
        assertTrue(filesOf(compile).contains("cognito-signout-core.jar"));
        assertTrue(filesOf(compile).stream().noneMatch(name -> name.startsWith("jna")), filesOf(compile).toString());
    }

    @Test
    void anAndroidAppGetsTheAarAndJnasAar() {
        Configuration runtime = android("dev.cognitosignout:cognito-signout-android:" + VERSION);
        assertEquals(
                files("annotations-*.jar", "cognito-signout-android.aar", "cognito-signout-core.jar", "jna-*.aar",
                        "kotlin-stdlib-*.jar", "kotlinx-coroutines-core-jvm-*.jar"),
                filesOf(runtime));
    }

    @Test
    void aJvmIsToldThatTheAarIsNotForIt() {
        Configuration runtime =
                implementation("dev.cognitosignout:cognito-signout-android:" + VERSION).getByName("runtimeClasspath");
        assertThrows(ResolveException.class, runtime::resolve);
    }

    @Test
    void aSharedModuleAndAnAppHaveEachClassOnce() {
        Configuration runtime = android("dev.cognitosignout:cognito-signout-android:" + VERSION,
                "dev.cognitosignout:cognito-signout-core:" + VERSION, "dev.cognitosignout:cognito-signout-testing:" + VERSION);
        assertEquals(files("annotations-*.jar", "cognito-signout-android.aar", "cognito-signout-core.jar",
                "cognito-signout-testing.jar", "jna-*.aar", "kotlin-stdlib-*.jar", "kotlinx-coroutines-core-jvm-*.jar"),
                filesOf(runtime));
    }

    @Test
    void theBomGivesTheVersions() {
        project.getDependencies().add("implementation",
                project.getDependencies().platform("dev.cognitosignout:cognito-signout-bom:" + VERSION));
        Configuration runtime = implementation("dev.cognitosignout:cognito-signout").getByName("runtimeClasspath");
        assertTrue(filesOf(runtime).contains("cognito-signout.jar"));
    }

    /** So Gradle takes one version for all, which only the module metadata says. Otherwise classes of one version could meet the native library of another. */
    @Test
    void eachArtefactNamesTheBom() {
        Configuration runtime = implementation("dev.cognitosignout:cognito-signout:" + VERSION).getByName("runtimeClasspath");
        Set<String> ours = new TreeSet<>();
        runtime.getIncoming().getResolutionResult().getAllComponents().forEach(component -> {
            if (component.getId() instanceof ModuleComponentIdentifier id && id.getGroup().equals("dev.cognitosignout")) {
                ours.add(id.getModule());
            }
        });
        assertEquals(Set.of("cognito-signout", "cognito-signout-bom", "cognito-signout-core"), ours);
    }

    @Test
    void eachArtefactHasSourcesAndDocumentation() {
        for (String artefact : new String[] {"-core", "", "-android", "-testing"}) {
            for (String kind : new String[] {DocsType.SOURCES, DocsType.JAVADOC}) {
                Configuration documents = project.getConfigurations().detachedConfiguration(
                        project.getDependencies().create("dev.cognitosignout:cognito-signout" + artefact + ":" + VERSION));
                documents.setTransitive(false);
                documents.attributes(wanted -> {
                    wanted.attribute(Category.CATEGORY_ATTRIBUTE, named(Category.class, Category.DOCUMENTATION));
                    wanted.attribute(DocsType.DOCS_TYPE_ATTRIBUTE, named(DocsType.class, kind));
                });
                assertEquals(files("cognito-signout" + artefact + "-" + kind + ".jar"), filesOf(documents));
            }
        }
    }

    private ConfigurationContainer implementation(String dependency) {
        project.getDependencies().add("implementation", dependency);
        return project.getConfigurations();
    }

    /** Asks as Google's plugin does, which accepts an AAR for a jar and unpacks it. */
    private Configuration android(String... dependencies) {
        project.getDependencies().getAttributesSchema().attribute(LibraryElements.LIBRARY_ELEMENTS_ATTRIBUTE)
                .getCompatibilityRules().add(AnAarWillDo.class);
        Configuration runtime = project.getConfigurations().detachedConfiguration(
                Arrays.stream(dependencies).map(project.getDependencies()::create)
                        .toArray(Dependency[]::new));
        runtime.attributes(wanted -> {
            wanted.attribute(Usage.USAGE_ATTRIBUTE, named(Usage.class, Usage.JAVA_RUNTIME));
            wanted.attribute(Category.CATEGORY_ATTRIBUTE, named(Category.class, Category.LIBRARY));
            wanted.attribute(LibraryElements.LIBRARY_ELEMENTS_ATTRIBUTE, named(LibraryElements.class, LibraryElements.JAR));
            wanted.attribute(TargetJvmEnvironment.TARGET_JVM_ENVIRONMENT_ATTRIBUTE,
                    named(TargetJvmEnvironment.class, TargetJvmEnvironment.ANDROID));
        });
        return runtime;
    }

    public abstract static class AnAarWillDo implements AttributeCompatibilityRule<LibraryElements> {
        @Override
        public void execute(CompatibilityCheckDetails<LibraryElements> details) {
            LibraryElements offered = details.getProducerValue();
            if (offered != null && offered.getName().equals("aar")) details.compatible();
        }
    }

    private <T extends Named> T named(Class<T> type, String name) {
        return project.getObjects().named(type, name);
    }

    /** Our own files without their version. Of the others, only whether they are there matters: as `jna-*.jar`. */
    private static Set<String> filesOf(Configuration configuration) {
        Set<String> found = new TreeSet<>();
        for (File file : configuration.resolve()) {
            String name = file.getName();
            String ours = name.replace("-" + VERSION, "");
            found.add(ours.equals(name) ? name.replaceAll("-\\d[^-]*(\\.[a-z]+)$", "-*$1") : ours);
        }
        return found;
    }

    private static Set<String> files(String... names) {
        return new TreeSet<>(Arrays.asList(names));
    }
}
