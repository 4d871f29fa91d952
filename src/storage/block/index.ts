/** Block storage: the store interface, the stores that need no operating system, and those that misbehave for tests. */
export type {
  AllocationDone,
  AllocationRun,
  BackingStore,
  ReadData,
  ReadDone,
  StoreDone,
  StoreError,
  StoreFault,
  WriteOptions,
} from './backing-store.ts';
export { FaultyStore, type FaultyOptions, type StoreCall } from './faulty.ts';
export { ForgetfulStore } from './forgetful.ts';
export { MEMORY_CHUNK_BYTES, type MemoryOptions, MemoryStore } from './memory.ts';
