/** Begins the page. */
import './tokens.css';
import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { live } from './live/index.ts';
import { applyTheme } from './shell/theme.ts';

applyTheme();
live.start();
createRoot(document.querySelector('#page')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
