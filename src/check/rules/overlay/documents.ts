/** Documents about overlays that are neither one of the guides nor a standard. */
export const NSX_GUIDE = 'VMware NSX for vSphere Installation Guide';
