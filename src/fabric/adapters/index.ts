/** Adapter models: what is known of them, and how to find one. */
export {
  type AdapterModel,
  type AdapterNature,
  type FunctionUse,
  type GuestList,
  type Offload,
  type PartitionLimits,
  type PciIdentity,
  type PhysicalFunctions,
  portCount,
  type PortGroup,
  type PortKind,
  type PortMode,
  portModes,
  type VirtualFunctionLimits,
} from './adapter-model.ts';
export { CXL, type FunctionList, parseFunctionList } from './chelsio-driver.ts';
export { adapterModels, findAdapterModel, namesOfModel } from './find.ts';
