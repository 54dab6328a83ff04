/** Which is the newest: answers overtake one another, and the log tells of more meanwhile. */
export class AnswerOrder {
  #told = 0;
  #asked = 0;
  #shown = 0;

  /** The log told of a newer one. */
  told(): void {
    this.#told += 1;
  }

  /** Begin to ask; the returned function takes the answer, and says whether it is still news. */
  ask(): () => boolean {
    this.#asked += 1;
    const [mine, told] = [this.#asked, this.#told];
    return () => {
      if (told !== this.#told || mine < this.#shown) return false;
      this.#shown = mine;
      return true;
    };
  }
}
