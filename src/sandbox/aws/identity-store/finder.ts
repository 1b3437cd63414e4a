/**
 * Finds an item of a live list by a key, quickly even among 50,000: the list may be changed at any time, so what the
 * index says is believed only while it still holds.
 */
export class Finder<Item> {
  readonly #keyOf: (item: Item) => string;
  #list: readonly Item[] = [];
  #positions = new Map<string, number>();

  constructor(keyOf: (item: Item) => string) {
    this.#keyOf = keyOf;
  }

  find(list: readonly Item[], key: string): Item | undefined {
    return this.#look(list, key) ?? this.#index(list).#look(list, key);
  }

  #look(list: readonly Item[], key: string): Item | undefined {
    const item = list === this.#list ? list[this.#positions.get(key) ?? -1] : undefined;
    return item !== undefined && this.#keyOf(item) === key ? item : undefined;
  }

  #index(list: readonly Item[]): this {
    this.#list = list;
    this.#positions = new Map(list.map((item, position) => [this.#keyOf(item), position]));
    return this;
  }
}
