/** The page as a whole. */
export const App = (): React.JSX.Element => <main>Samewire</main>;
