package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked for a page or a step at a time must cost a page or a step, however long the topic is. */
class QueryPlanTest {
    static Stream<String> statements() {
        return Stream.of(
                PageReader.ofTopic(true),
                PageReader.ofTopic(false),
                Trimming.NEWEST_OF_TOPIC,
                Trimming.OLDEST_OF_TOPIC);
    }

    /** Two fifths of the time of a busy portal once went into sorting what was cut off after 2,000 rows. */
    @ParameterizedTest
    @MethodSource("statements")
    void theIndexBringsTheRowsInOrder(String statement) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                PreparedStatement explain = prepare(connection, statement);
                ResultSet plan = explain.executeQuery()) {
            assertTrue(plan.next());
            assertTrue(plan.getString(1).contains("index sorted"), plan.getString(1));
        }
    }

    private static PreparedStatement prepare(Connection connection, String statement) throws Exception {
        Schema.migrate(connection, Dialect.H2);
        PreparedStatement explain = connection.prepareStatement("explain " + statement);
        int parameters = explain.getParameterMetaData().getParameterCount();
        explain.setString(1, "ops/backups");
        for (int p = 2; p <= parameters; p++) explain.setLong(p, 1_000);
        return explain;
    }
}
