import aftershock as disk


class Store:
    operations = [("put {1-20} {letters 1-40}", 3), "delete {1-20}"]

    def start(self, config):
        self.db = disk.connect(config.path)
        config.apply(self.db)
        self.db.execute("CREATE TABLE IF NOT EXISTS pair(key INTEGER PRIMARY KEY, value TEXT)")

    def step(self, operation):
        word, key, *value = operation.split()
        with self.db:
            self.db.execute("DELETE FROM pair WHERE key = ?", (key,))
            if word == "put":
                self.db.execute("INSERT INTO pair VALUES(?, ?)", (key, value[0]))

    def observe(self):
        return [f"{key} {value}" for key, value in self.db.execute("SELECT * FROM pair ORDER BY key")]


def test_store_survives(aftershock):
    aftershock.run(Store, scenario="program-kill", seeds=50)
