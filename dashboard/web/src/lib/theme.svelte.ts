/** Dark or light: as the system has it, until the reader says otherwise. */
const KEY = 'postreel.theme';

type Name = 'dark' | 'light';

class Theme {
  name = $state<Name>('dark');

  constructor() {
    const system = matchMedia('(prefers-color-scheme: light)');
    const chosen = localStorage.getItem(KEY);
    this.#show(chosen === 'dark' || chosen === 'light' ? chosen : system.matches ? 'light' : 'dark');
    system.addEventListener('change', ({ matches }) => {
      if (localStorage.getItem(KEY) === null) this.#show(matches ? 'light' : 'dark');
    });
  }

  toggle(): void {
    this.#show(this.name === 'dark' ? 'light' : 'dark');
    localStorage.setItem(KEY, this.name);
  }

  #show(name: Name): void {
    this.name = name;
    document.documentElement.dataset['theme'] = name;
  }
}

export const theme = new Theme();
